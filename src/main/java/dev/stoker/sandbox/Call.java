package dev.stoker.sandbox;

import java.util.List;

/**
 * The system calls that the filters name, with their numbers in the kernel's tables: x86-64's own
 * (arch/x86/entry/syscalls/syscall_64.tbl) and the generic one (scripts/syscall.tbl) for aarch64.
 */
enum Call {
  ACCT(163, 89),
  ADD_KEY(248, 217),
  BPF(321, 280),
  CHMOD(90, -1),
  CHOWN(92, -1),
  CHROOT(161, 51),
  CLOCK_SETTIME(227, 112),
  CLONE(56, 220),
  CLONE3(435, 435),
  CREATE_MODULE(174, -1),
  DELETE_MODULE(176, 106),
  FANOTIFY_INIT(300, 262),
  FANOTIFY_MARK(301, 263),
  FCHMOD(91, 52),
  FCHMODAT(268, 53),
  FCHMODAT2(452, 452),
  FCHOWNAT(260, 54),
  FCNTL(72, 25),
  FINIT_MODULE(313, 273),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  FSOPEN(430, 430),
  FSPICK(433, 433),
  FUTIMESAT(261, -1),
  GET_KERNEL_SYMS(177, -1),
  INIT_MODULE(175, 105),
  INOTIFY_ADD_WATCH(254, 27),
  IO_URING_ENTER(426, 426),
  IO_URING_REGISTER(427, 427),
  IO_URING_SETUP(425, 425),
  IOCTL(16, 29),
  IOPERM(173, -1),
  IOPL(172, -1),
  IOPRIO_SET(251, 30),
  KCMP(312, 272),
  KEXEC_FILE_LOAD(320, 294),
  KEXEC_LOAD(246, 104),
  KEYCTL(250, 219),
  KILL(62, 129),
  LCHOWN(94, -1),
  LISTMOUNT(458, 458),
  LOOKUP_DCOOKIE(212, 18),
  LREMOVEXATTR(198, 15),
  LSETXATTR(189, 6),
  MEMFD_SECRET(447, 447),
  MIGRATE_PAGES(256, 238),
  MODIFY_LDT(154, -1),
  MOUNT(165, 40),
  MOUNT_SETATTR(442, 442),
  MOVE_MOUNT(429, 429),
  MOVE_PAGES(279, 239),
  MQ_OPEN(240, 180),
  MSGGET(68, 186),
  NFSSERVCTL(180, 42),
  OPEN(2, -1),
  OPEN_BY_HANDLE_AT(304, 265),
  OPEN_TREE(428, 428),
  OPENAT(257, 56),
  OPENAT2(437, 437),
  PERF_EVENT_OPEN(298, 241),
  PERSONALITY(135, 92),
  PIDFD_GETFD(438, 438),
  PIDFD_OPEN(434, 434),
  PIVOT_ROOT(155, 41),
  PRLIMIT64(302, 261),
  PROCESS_MADVISE(440, 440),
  PROCESS_MRELEASE(448, 448),
  PROCESS_VM_READV(310, 270),
  PROCESS_VM_WRITEV(311, 271),
  PTRACE(101, 117),
  QUERY_MODULE(178, -1),
  QUOTACTL(179, 60),
  QUOTACTL_FD(443, 443),
  REBOOT(169, 142),
  REMOVEXATTR(197, 14),
  REQUEST_KEY(249, 218),
  RT_SIGQUEUEINFO(129, 138),
  RT_TGSIGQUEUEINFO(297, 240),
  SCHED_SETAFFINITY(203, 122),
  SCHED_SETATTR(314, 274),
  SCHED_SETPARAM(142, 118),
  SCHED_SETSCHEDULER(144, 119),
  SEMGET(64, 190),
  SETDOMAINNAME(171, 162),
  SETHOSTNAME(170, 161),
  SETNS(308, 268),
  SETPGID(109, 154),
  SETPRIORITY(141, 140),
  SETSID(112, 157),
  SETTIMEOFDAY(164, 170),
  SETXATTR(188, 5),
  SHMGET(29, 194),
  SOCKET(41, 198),
  SOCKETPAIR(53, 199),
  STATMOUNT(457, 457),
  SWAPOFF(168, 225),
  SWAPON(167, 224),
  SYSCTL(156, -1),
  SYSLOG(103, 116),
  TGKILL(234, 131),
  TKILL(200, 130),
  TRUNCATE(76, 45),
  UMOUNT2(166, 39),
  UNSHARE(272, 97),
  USELIB(134, -1),
  USERFAULTFD(323, 282),
  USTAT(136, -1),
  UTIME(132, -1),
  UTIMENSAT(280, 88),
  UTIMES(235, -1),
  VHANGUP(153, 58);

  /** The last one that was there when this was written: mseal, on both machines. */
  static final int LAST = 462;

  private final int x86;
  private final int aarch64;

  Call(int x86, int aarch64) {
    this.x86 = x86;
    this.aarch64 = aarch64;
  }

  /** Its number; none where the machine never had it. */
  List<Integer> on(Machine machine) {
    int number = machine == Machine.X86_64 ? x86 : aarch64;
    return number < 0 ? List.of() : List.of(number);
  }
}
