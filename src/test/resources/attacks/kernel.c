/* Doors of the kernel that no tool needs. With wrong arguments where the right ones would do harm: then EINVAL, EFAULT or
   EBADF is the answer of a call that was let through, and EPERM or ENOSYS that of one that was not. */
#include "attack.h"
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

static long number(char **a) { return syscall(strtol(a[0], NULL, 0), a[1] ? strtol(a[1], NULL, 0) : 0, a[1] && a[2] ? strtol(a[2], NULL, 0) : 0, 0, 0, 0, 0); }

/* Namespaces: in a child, so that what is tried next is not changed by it. */
static long child(int status) { (void)status; return 0; }
static long exited(pid_t made) {
  int status;
  if (made < 0) return -1;
  waitpid(made, &status, __WALL);
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
  return errno ? -1 : child(status);
}
static long unshare_(char **a) {
  pid_t made = fork();
  if (made == 0) _exit(unshare(strtol(a[0], NULL, 0)) < 0 ? errno : 0);
  return exited(made);
}
static long clone_(char **a) {
  pid_t made = syscall(SYS_clone, strtol(a[0], NULL, 0) | SIGCHLD, 0, 0, 0, 0);
  if (made == 0) _exit(0);
  return exited(made);
}
static long clone3_(char **a) {
  struct clone_args how = {.flags = strtol(a[0], NULL, 0), .exit_signal = SIGCHLD};
  pid_t made = syscall(SYS_clone3, &how, sizeof how);
  if (made == 0) _exit(0);
  return exited(made);
}
static long setns_(char **a) {
  int fd = syscall(SYS_pidfd_open, atoi(a[0]), 0);
  if (fd < 0) fd = open("/proc/self/ns/net", O_RDONLY);
  pid_t made = fork();
  if (made == 0) _exit(setns(fd, CLONE_NEWNET) < 0 ? errno : 0);
  return exited(made);
}

static long mount_(char **a) {
  (void)a;
  mkdir("on", 0700);
  return mount("none", "on", "tmpfs", 0, "size=4k") < 0 ? -1 : umount2("on", MNT_DETACH);
}
/* One that is left behind, and hides what is below it. */
static long stale_mount(char **a) {
  (void)a;
  mkdir("left", 0700);
  return mount("none", "left", "tmpfs", 0, "size=4k");
}
static long bind(char **a) {
  (void)a;
  mkdir("on", 0700);
  return mount("/", "on", NULL, MS_BIND, NULL) < 0 ? -1 : umount2("on", MNT_DETACH);
}
static long remount(char **a) { return mount(NULL, a[0], NULL, MS_REMOUNT | MS_BIND, NULL); }
static long fsopen_(char **a) { (void)a; return syscall(430, "tmpfs", 0); }
static long open_tree_(char **a) { (void)a; return syscall(428, AT_FDCWD, ".", 1); }
static long mount_setattr_(char **a) { (void)a; char none[32] = {0}; return syscall(442, AT_FDCWD, ".", 0, none, sizeof none); }
static long chroot_(char **a) { (void)a; return chroot("."); }
static long escape(char **a) {
  (void)a;
  mkdir("jail", 0700);
  if (chroot("jail") < 0) return -1;
  for (int i = 0; i < 64; i++) if (chdir("..") < 0) return -1;
  return chroot(".") < 0 ? -1 : open("/etc/shadow", O_RDONLY);
}

static long bpf(char **a) {
  (void)a;
  union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map);
}
static long key(char **a) { (void)a; return syscall(SYS_add_key, "user", "attack", "x", 1, KEY_SPEC_PROCESS_KEYRING); }
static long keyctl_(char **a) { (void)a; return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1); }
static long fault(char **a) { (void)a; return syscall(SYS_userfaultfd, O_CLOEXEC); }
static long perf(char **a) {
  struct perf_event_attr what = {.type = PERF_TYPE_SOFTWARE, .size = sizeof what, .config = PERF_COUNT_SW_CPU_CLOCK};
  return syscall(SYS_perf_event_open, &what, atoi(a[0]), -1, -1, 0);
}
static long personality_(char **a) { (void)a; return personality(ADDR_NO_RANDOMIZE); }
/* Types into a terminal, as if its user had. */
static long type(char **a) {
  (void)a;
  int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) < 0)
    slave = 0;
  return ioctl(slave, TIOCSTI, "x");
}
static long console(char **a) { (void)a; char paste[4] = {3}; return ioctl(0, 0x541C /* TIOCLINUX */, paste); }
#ifdef __x86_64__
static long answer_of(long answer) {
  if (answer >= 0) return answer;
  errno = -answer;
  return -1;
}
static long i386(char **a) {
  long answer;
  __asm__ volatile("int $0x80" : "=a"(answer) : "a"(strtol(a[0], NULL, 0)), "b"(0L), "c"(0L), "d"(0L), "S"(0L), "D"(0L) : "memory", "r8", "r9", "r10", "r11");
  return answer_of((int)answer);
}
/* connect() by the old way in: no socket() is seen. */
static long socketcall(char **a) {
  (void)a;
  int *call = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  long answer;
  call[0] = 2; call[1] = 1; call[2] = 0;
  __asm__ volatile("int $0x80" : "=a"(answer) : "a"(102L), "b"(1L), "c"(call), "d"(0L) : "memory", "r8", "r9", "r10", "r11");
  return answer_of((int)answer);
}
static long x32(char **a) { return syscall(0x40000000 | strtol(a[0], NULL, 0)); }
static long ports(char **a) { (void)a; return iopl(3); }
static long some_ports(char **a) { (void)a; return ioperm(0x80, 1, 1); }
static long segments(char **a) { (void)a; char descriptor[16] = {0}; return syscall(SYS_modify_ldt, 1, descriptor, 16); }
#endif
static long set_uid(char **a) { return setuid(atoi(a[0])); }
static long set_gid(char **a) { return setgid(atoi(a[0])); }
static long set_name(char **a) { (void)a; char name[65]; gethostname(name, 64); return sethostname(name, strlen(name)); }
static long set_clock(char **a) { (void)a; struct timespec now; clock_gettime(CLOCK_REALTIME, &now); return clock_settime(CLOCK_REALTIME, &now); }
static long kernel_log(char **a) { (void)a; return syscall(SYS_syslog, 10, 0, 0); }
static long secret(char **a) { (void)a; return syscall(447, 0); }
/* A filter of its own that lets everything through: it does not take the one above it away. */
static long unfilter(char **a) {
  (void)a;
  struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {1, &all};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) return -1;
  return syscall(SYS_personality, ADDR_NO_RANDOMIZE);
}
static long privileges(char **a) { (void)a; return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0); }
static long capability(char **a) {
  (void)a;
  unsigned header[2] = {0x20080522, 0}, data[6] = {0};
  if (syscall(SYS_capget, header, data) < 0) return -1;
  errno = EPERM;
  return data[0] | data[1] | data[2] | data[3] | data[4] | data[5] ? 0 : -1;
}
static long user(char **a) { errno = EPERM; return geteuid() == (uid_t)atoi(a[0]) ? 0 : -1; }
/* A program of no file: as much under the rules as any. */
static long from_memory(char **a) {
  char *argv[] = {"in-memory", "personality", NULL}, *none[] = {NULL};
  int from = open(a[0], O_RDONLY), to = memfd_create("program", 0);
  char block[1 << 16];
  for (long got; (got = read(from, block, sizeof block)) > 0;) if (write(to, block, got) != got) return -1;
  return fexecve(to, argv, none);
}
static long exec(char **a) { fflush(stdout); return execv(a[0], a); }

int main(int argc, char **argv) {
  static const struct attack attacks[] = {
      {"number", number}, {"unshare", unshare_}, {"clone", clone_}, {"clone3", clone3_}, {"setns", setns_}, {"mount", mount_},
      {"stale-mount", stale_mount}, {"bind", bind}, {"remount", remount}, {"fsopen", fsopen_}, {"open-tree", open_tree_},
      {"mount-setattr", mount_setattr_}, {"chroot", chroot_}, {"escape", escape}, {"bpf", bpf}, {"key", key},
      {"keyctl", keyctl_}, {"fault", fault}, {"perf", perf}, {"personality", personality_}, {"type", type},
      {"console", console},
#ifdef __x86_64__
      {"i386", i386}, {"socketcall", socketcall}, {"x32", x32}, {"ports", ports}, {"some-ports", some_ports},
      {"segments", segments},
#endif
      {"setuid", set_uid}, {"setgid", set_gid}, {"name", set_name}, {"clock", set_clock}, {"log", kernel_log},
      {"secret", secret}, {"unfilter", unfilter}, {"privileges", privileges}, {"capability", capability}, {"user", user},
      {"from-memory", from_memory}, {"exec", exec}};
  (void)argc;
  return CHOOSE(attacks);
}
