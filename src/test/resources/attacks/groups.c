/* Getting away from whoever ends the run, and staying behind. */
#include "attack.h"
#include <sys/prctl.h>
#include <sys/time.h>

/* Waits to be ended. Long enough to be seen, if nobody does. */
static void stay(void) { for (int i = 0; i < 600; i++) sleep(1); _exit(0); }
static long session(char **a) { (void)a; pid_t made = fork(); if (made == 0) _exit(setsid() < 0 ? errno : 0); int how; waitpid(made, &how, 0); errno = WEXITSTATUS(how); return errno ? -1 : 0; }
static long group(char **a) { (void)a; pid_t made = fork(); if (made == 0) _exit(setpgid(0, 0) < 0 ? errno : 0); int how; waitpid(made, &how, 0); errno = WEXITSTATUS(how); return errno ? -1 : 0; }
static void away(void) {
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  if (setsid() < 0) setpgid(0, 0);
}
static long background(char **a) { (void)a; if (fork() == 0) stay(); return 0; }
static long daemon_(char **a) {
  (void)a;
  if (fork() == 0) {
    away();
    if (fork() != 0) _exit(0);
    away();
    for (int fd = 0; fd < 1024; fd++) close(fd);
    if (chdir("/") < 0) _exit(1);
    stay();
  }
  return 0;
}
/* Nothing in its environment or its arguments tells whose it is. */
static long nameless(char **a) {
  char *argv[] = {"[kworker/0:0]", "stay", NULL}, *none[] = {NULL};
  if (fork() == 0) {
    away();
    if (fork() != 0) _exit(0);
    away();
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    execve(a[0], argv, none);
    _exit(1);
  }
  return 0;
}
static long stay_(char **a) { (void)a; prctl(PR_SET_NAME, "kworker/0:0"); stay(); return 0; }
/* A chain: each forks and dies at once, so that no list of processes is ever right. */
static long runner(char **a) {
  (void)a;
  if (fork() == 0) {
    away();
    for (int i = 0; i < 200000; i++) { if (fork() > 0) _exit(0); }
    stay();
  }
  return 0;
}
static long subreaper(char **a) {
  (void)a;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) return -1;
  if (fork() == 0) { away(); prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); if (fork() == 0) { away(); stay(); } _exit(0); }
  return 0;
}
static long parent_death(char **a) {
  (void)a;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return -1;
  if (fork() == 0) { prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); away(); stay(); }
  return 0;
}
static long stop(char **a) { (void)a; kill(0, SIGSTOP); return 0; }
/* Its own children too; the one who is to end them must not wait for them to wake. */
static long stop_all(char **a) { (void)a; for (int i = 0; i < 5; i++) if (fork() == 0) { away(); kill(getpid(), SIGSTOP); stay(); } kill(0, SIGSTOP); return 0; }
static long kill_group(char **a) { (void)a; if (fork() == 0) stay(); kill(0, SIGKILL); return 0; }
static long ignore(char **a) { (void)a; for (int i = 1; i < 64; i++) signal(i, SIG_IGN); stay(); return 0; }
/* The pipe is held by one who stays. */
static long hold(char **a) { (void)a; if (fork() == 0) { away(); if (fork() == 0) { away(); stay(); } _exit(0); } puts("held"); exit(0); }
static long join(char **a) { return setpgid(0, atoi(a[0])); }
static long vanish(char **a) { (void)a; if (vfork() == 0) { execl("/bin/sleep", "sleep", "600", NULL); _exit(1); } return 0; }

int main(int argc, char **argv) {
  static const struct attack attacks[] = {
      {"session", session}, {"group", group}, {"background", background}, {"daemon", daemon_}, {"nameless", nameless},
      {"stay", stay_}, {"runner", runner}, {"subreaper", subreaper}, {"parent-death", parent_death}, {"stop", stop},
      {"stop-all", stop_all}, {"kill-group", kill_group}, {"ignore", ignore}, {"hold", hold}, {"join", join},
      {"vanish", vanish}};
  (void)argc;
  return CHOOSE(attacks);
}
