/* Signalling, reading, slowing down and otherwise reaching processes that are not the run's. */
#include "attack.h"
#include <linux/kcmp.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/uio.h>
#include <mqueue.h>

static long kill_(char **a) { return kill(atoi(a[0]), atoi(a[1])); }
static long tgkill_(char **a) { return syscall(SYS_tgkill, atoi(a[0]), atoi(a[0]), atoi(a[1])); }
static long tkill_(char **a) { return syscall(SYS_tkill, atoi(a[0]), atoi(a[1])); }
static long queue(char **a) { return sigqueue(atoi(a[0]), atoi(a[1]), (union sigval){0}); }
static long pidfd(char **a) {
  int fd = syscall(SYS_pidfd_open, atoi(a[0]), 0);
  return fd < 0 ? -1 : syscall(SYS_pidfd_send_signal, fd, atoi(a[1]), NULL, 0);
}
/* A descriptor whose owner is another: the kernel signals it when there is something to read. */
static long owner(char **a) {
  int ends[2];
  if (pipe(ends) < 0 || fcntl(ends[0], F_SETOWN, atoi(a[0])) < 0 || fcntl(ends[0], F_SETSIG, atoi(a[1])) < 0) return -1;
  if (fcntl(ends[0], F_SETFL, O_ASYNC) < 0) return -1;
  return write(ends[1], "x", 1);
}
/* Everybody near; those that are told to go are counted. The init of a namespace is not hurt by it. */
static long near(char **a) {
  int first = atoi(a[0]) > 2000 ? atoi(a[0]) - 2000 : 3;
  long hit = -1, last = ESRCH;
  for (int pid = first; pid < first + 5000; pid++) {
    if (pid == getpid()) continue;
    if (kill(pid, atoi(a[1])) == 0) hit = 0; else if (errno != ESRCH) last = errno;
  }
  errno = last;
  return hit;
}
static long attach(char **a) { return ptrace(PTRACE_ATTACH, atoi(a[0]), 0, 0) < 0 ? -1 : ptrace(PTRACE_DETACH, atoi(a[0]), 0, 0); }
static long seize(char **a) { return ptrace(PTRACE_SEIZE, atoi(a[0]), 0, 0); }
static long traceme(char **a) { (void)a; return ptrace(PTRACE_TRACEME, 0, 0, 0); }
static long vm(int write, char **a) {
  char byte[8];
  struct iovec here = {byte, 8}, there = {(void *)0x400000, 8};
  long done = write ? process_vm_writev(atoi(a[0]), &here, 1, &there, 1, 0) : process_vm_readv(atoi(a[0]), &here, 1, &there, 1, 0);
  return done < 0 && errno == EFAULT ? 0 : done; /* the address is wrong, the right was there */
}
static long vm_read(char **a) { return vm(0, a); }
static long vm_write(char **a) { return vm(1, a); }
static long descriptor(char **a) {
  int fd = syscall(SYS_pidfd_open, atoi(a[0]), 0);
  return fd < 0 ? -1 : syscall(SYS_pidfd_getfd, fd, 0, 0);
}
static long compare(char **a) { return syscall(SYS_kcmp, getpid(), atoi(a[0]), KCMP_VM, 0, 0); }
static long limit(char **a) {
  struct rlimit as_it_is;
  if (prlimit(atoi(a[0]), RLIMIT_CORE, NULL, &as_it_is) < 0) return -1;
  return prlimit(atoi(a[0]), RLIMIT_CORE, &as_it_is, NULL);
}
static long nice_(char **a) {
  errno = 0;
  int as_it_is = getpriority(PRIO_PROCESS, atoi(a[0]));
  return errno ? -1 : setpriority(PRIO_PROCESS, atoi(a[0]), as_it_is);
}
static long user_nice(char **a) {
  (void)a;
  errno = 0;
  int as_it_is = getpriority(PRIO_USER, 0);
  return errno ? -1 : setpriority(PRIO_USER, 0, as_it_is);
}
static long affinity(char **a) {
  cpu_set_t as_it_is;
  if (sched_getaffinity(atoi(a[0]), sizeof as_it_is, &as_it_is) < 0) return -1;
  return sched_setaffinity(atoi(a[0]), sizeof as_it_is, &as_it_is);
}
static long scheduler(char **a) { struct sched_param none = {0}; return sched_setscheduler(atoi(a[0]), SCHED_OTHER, &none); }
static long real_time(char **a) { struct sched_param most = {1}; (void)a; return sched_setscheduler(0, SCHED_FIFO, &most); }
static long io_priority(char **a) { return syscall(SYS_ioprio_set, 1, atoi(a[0]), 0); }
static long migrate(char **a) { unsigned long all = 1; return syscall(SYS_migrate_pages, atoi(a[0]), 64, &all, &all); }
static long advise(char **a) {
  struct iovec none = {(void *)0x400000, 4096};
  int fd = syscall(SYS_pidfd_open, atoi(a[0]), 0);
  long done = fd < 0 ? -1 : syscall(SYS_process_madvise, fd, &none, 1, 21 /* MADV_PAGEOUT */, 0);
  return fd >= 0 && errno == ENOMEM ? 0 : done; /* nothing there, the right was */
}
/* What outlives its maker, and is found by whoever knows the key. */
static long shared_memory(char **a) {
  int id = shmget(atoi(a[0]), 4096, IPC_CREAT | 0600);
  return id < 0 ? -1 : atoi(a[1]) ? shmctl(id, IPC_RMID, 0) : 0;
}
static long semaphores(char **a) { int id = semget(atoi(a[0]), 1, IPC_CREAT | 0600); return id < 0 ? -1 : atoi(a[1]) ? semctl(id, 0, IPC_RMID) : 0; }
static long messages(char **a) { int id = msgget(atoi(a[0]), IPC_CREAT | 0600); return id < 0 ? -1 : atoi(a[1]) ? msgctl(id, IPC_RMID, 0) : 0; }
static long posix_queue(char **a) {
  mqd_t made = mq_open("/stoker-attack", O_CREAT | O_RDWR, 0600, NULL);
  return made < 0 ? -1 : atoi(a[1]) ? mq_unlink("/stoker-attack") : 0;
}

int main(int argc, char **argv) {
  static const struct attack attacks[] = {
      {"kill", kill_}, {"tgkill", tgkill_}, {"tkill", tkill_}, {"queue", queue}, {"pidfd", pidfd}, {"owner", owner},
      {"near", near}, {"attach", attach}, {"seize", seize}, {"traceme", traceme}, {"vm-read", vm_read},
      {"vm-write", vm_write}, {"descriptor", descriptor}, {"compare", compare}, {"limit", limit}, {"nice", nice_},
      {"user-nice", user_nice}, {"affinity", affinity}, {"scheduler", scheduler}, {"real-time", real_time},
      {"io-priority", io_priority}, {"migrate", migrate}, {"advise", advise}, {"shared-memory", shared_memory},
      {"semaphores", semaphores}, {"messages", messages}, {"posix-queue", posix_queue}};
  (void)argc;
  return CHOOSE(attacks);
}
