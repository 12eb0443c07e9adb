/* Taking more than is there. Each takes at most what its argument says, and then says that it could. */
#include "attack.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define MIB (1 << 20)

static void *filled(long mib) {
  char *taken = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED) return NULL;
  memset(taken, 1, mib * MIB);
  return taken;
}
static long memory(char **a) {
  for (long i = 0; i < atol(a[0]); i += 4) if (!filled(4)) return -1;
  return 0;
}
/* Each takes little. */
static long memory_of_many(char **a) {
  for (long i = 0; i < atol(a[0]); i += 8) {
    pid_t made = fork();
    if (made < 0) { int why = errno; sleep(3); errno = why; return -1; }
    if (made == 0) { if (!filled(8)) _exit(1); pause(); _exit(0); }
  }
  sleep(1);
  return 0;
}
/* Nobody has it mapped: it is in no process's resident set. */
static long memory_of_none(char **a) {
  int fd = memfd_create("bomb", 0);
  static char block[MIB];
  memset(block, 1, sizeof block);
  for (long i = 0; i < atol(a[0]); i++) if (write(fd, block, sizeof block) < 0) return -1;
  return 0;
}
static long memory_of_pipes(char **a) {
  static char block[MIB];
  for (long i = 0; i < atol(a[0]); i++) {
    int both[2];
    if (pipe2(both, O_NONBLOCK) < 0) return -1;
    if (fcntl(both[1], F_SETPIPE_SZ, MIB) < 0) return -1;
    if (write(both[1], block, sizeof block) < 0) return -1;
  }
  return 0;
}
static long forks(char **a) {
  for (long i = 0; i < atol(a[0]); i++) {
    pid_t made = fork();
    if (made < 0) return -1;
    if (made == 0) { pause(); _exit(0); }
  }
  return 0;
}
/* All of them go on, for as long as they live. */
static long fork_bomb(char **a) {
  pid_t first = getpid();
  for (long i = 0; i < atol(a[0]); i++) if (fork() < 0) usleep(1000);
  if (getpid() != first) _exit(0);
  return 0;
}
static void *wait_(void *none) { pause(); return none; }
static long threads(char **a) {
  pthread_attr_t small;
  pthread_t made;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 1 << 16);
  for (long i = 0; i < atol(a[0]); i++) if ((errno = pthread_create(&made, &small, wait_, NULL)) != 0) return -1;
  return 0;
}
static long disk(char **a) {
  static char block[MIB];
  int fd = open("full", O_CREAT | O_WRONLY, 0600);
  if (fd < 0) return -1;
  for (long i = 0; i < atol(a[0]); i++) if (write(fd, block, sizeof block) < 0) return -1;
  if (atol(a[0]) > 100) pause();
  return 0;
}
/* Its name is gone, its blocks are not. */
static long unseen_disk(char **a) {
  static char block[MIB];
  int fd = open("full", O_CREAT | O_WRONLY, 0600);
  if (fd < 0 || unlink("full") < 0) return -1;
  for (long i = 0; i < atol(a[0]); i++) if (write(fd, block, sizeof block) < 0) return -1;
  if (atol(a[0]) > 100) pause();
  return 0;
}
static long small_files(char **a) {
  char name[32];
  for (long i = 0; i < atol(a[0]); i++) {
    snprintf(name, sizeof name, "%ld", i);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0) return -1;
    close(fd);
  }
  return 0;
}
static long deep(char **a) {
  for (long i = 0; i < atol(a[0]); i++) {
    if (mkdir("a directory with a rather long name", 0700) < 0 || chdir("a directory with a rather long name") < 0) return -1;
  }
  return close(open("the bottom", O_CREAT | O_WRONLY, 0600));
}
static long names(char **a) {
  (void)a;
  const char *odd[] = {"new\nline", " ", "-rf", "\xff\xfe", "*", "$(reboot)", "\\", "\033[2J", "...", "a\rb"};
  for (unsigned i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    if (mkdir(odd[i], 0700) < 0 || chdir(odd[i]) < 0) return -1;
    for (unsigned j = 0; j < sizeof odd / sizeof odd[0]; j++) if (close(open(odd[j], O_CREAT | O_WRONLY, 0)) < 0) return -1;
    if (chdir("..") < 0) return -1;
  }
  return 0;
}
static long output(char **a) {
  static char block[4096];
  memset(block, 'x', sizeof block);
  for (long i = 0; i < atol(a[0]); i++) if (write(1, block, sizeof block) < 0 || write(2, block, sizeof block) < 0) return -1;
  exit(0);
}
static long descriptors(char **a) {
  for (long i = 0; i < atol(a[0]); i++) if (open("/dev/null", O_RDONLY) < 0) return -1;
  return 0;
}
static long raise_(char **a) {
  struct rlimit is;
  (void)a;
  if (getrlimit(RLIMIT_NOFILE, &is) < 0) return -1;
  if (is.rlim_max == RLIM_INFINITY) return 0;
  is.rlim_max++;
  return setrlimit(RLIMIT_NOFILE, &is);
}
/* What came with the process: 0, 1 and 2, and nothing else. */
static long inherited(char **a) {
  (void)a;
  for (int fd = 0; fd < 1 << 16; fd++) if (fcntl(fd, F_GETFD) >= 0) printf("%s%d", fd ? " " : "", fd);
  puts("");
  exit(0);
}
static long text(char **a) {
  int fd = open(a[0], O_WRONLY);
  return fd < 0 ? -1 : write(fd, a[1], strlen(a[1]));
}
static long lock(char **a) { (void)a; static char block[16 * MIB]; return mlock(block, sizeof block); }

int main(int argc, char **argv) {
  static const struct attack attacks[] = {
      {"memory", memory}, {"memory-of-many", memory_of_many}, {"memory-of-none", memory_of_none},
      {"memory-of-pipes", memory_of_pipes}, {"forks", forks}, {"fork-bomb", fork_bomb}, {"threads", threads},
      {"disk", disk}, {"unseen-disk", unseen_disk}, {"small-files", small_files}, {"deep", deep}, {"names", names},
      {"output", output}, {"descriptors", descriptors}, {"raise", raise_}, {"inherited", inherited}, {"text", text},
      {"lock", lock}};
  (void)argc;
  return CHOOSE(attacks);
}
