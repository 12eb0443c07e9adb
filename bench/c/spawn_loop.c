/* The yardstick: starts a program over and over with posix_spawn from N threads, reads its output
   through a pipe and reaps it. Prints starts per second.

   spawn_loop THREADS SECONDS PROGRAM */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_long started;
static atomic_int over;
static char *program;

static void run_once(void) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) {
    perror("pipe2");
    exit(1);
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  char *argv[] = {program, NULL};
  char *envp[] = {NULL};
  pid_t pid;
  int failed = posix_spawn(&pid, program, &actions, &attributes, argv, envp);
  close(out[1]);
  if (failed) {
    fprintf(stderr, "posix_spawn: %d\n", failed);
    exit(1);
  }
  char buffer[4096];
  while (read(out[0], buffer, sizeof buffer) > 0) {
  }
  close(out[0]);
  int status;
  struct rusage usage;
  wait4(pid, &status, 0, &usage);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  atomic_fetch_add(&started, 1);
}

static void *loop(void *unused) {
  (void)unused;
  while (!atomic_load(&over)) {
    run_once();
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: spawn_loop THREADS SECONDS PROGRAM\n");
    return 2;
  }
  int threads = atoi(argv[1]);
  int seconds = atoi(argv[2]);
  program = argv[3];
  pthread_t *all = calloc((size_t)threads, sizeof *all);
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int i = 0; i < threads; i++) {
    pthread_create(&all[i], NULL, loop, NULL);
  }
  sleep((unsigned)seconds);
  atomic_store(&over, 1);
  for (int i = 0; i < threads; i++) {
    pthread_join(all[i], NULL);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  double took = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
  printf("%.0f\n", (double)atomic_load(&started) / took);
  return 0;
}
