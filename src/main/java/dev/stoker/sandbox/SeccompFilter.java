package dev.stoker.sandbox;

import dev.stoker.process.SyscallFilter;
import dev.stoker.sandbox.BpfProgram.Case;
import dev.stoker.sandbox.BpfProgram.Condition;
import dev.stoker.sandbox.BpfProgram.Verdict;
import java.util.List;

/**
 * The system calls that no tool needs, or that reach beyond a run. Immutable. What is not refused
 * is allowed: a list of what is needed would have to know every tool.
 *
 * <p>Landlock leaves to it what Landlock does not know: sockets but for TCP, rights and times of
 * files, limits and priorities of other processes, memory that outlives its makers. A kernel whose
 * Landlock knows less has more refused here.
 *
 * @param landlock the ABI of the Landlock rules that hold as well; 0 for none
 */
record SeccompFilter(Machine machine, Reach reach, Sockets sockets, int landlock)
    implements SyscallFilter {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final Verdict ALLOW = new Verdict.Allow();
  private static final Verdict REFUSE = new Verdict.Refuse(EPERM);
  private static final Verdict UNKNOWN = new Verdict.Refuse(ENOSYS);

  /** Nothing happens, and the caller is told that it did. */
  private static final Verdict PRETEND = new Verdict.Refuse(0);

  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_NETLINK = 16;
  private static final int TYPE_MASK = 0xf;
  private static final int STREAM = 1;
  private static final int DATAGRAM = 2;
  private static final int OPEN_FOR_CONTROL = 3;
  private static final int O_TRUNC = 0x200;

  /** CLONE_NEW* of namespaces, and CLONE_PARENT: a sibling would be reaped by nobody. */
  private static final int CLONE_REFUSED = 0x7e02_0000 | 0x8000;

  /** F_SETOWN, F_SETSIG, F_SETOWN_EX: they send any signal by way of a descriptor. */
  private static final int[] SIGNALLING = {8, 10, 15};

  /** TIOCSTI, TIOCLINUX, TIOCSETD, FIOSETOWN, SIOCSPGRP. */
  private static final int[] CONTROLS = {0x5412, 0x541C, 0x5423, 0x8901, 0x8902};

  private static final List<Call> REFUSED =
      List.of(
          Call.ACCT,
          Call.ADD_KEY,
          Call.BPF,
          Call.CHOWN,
          Call.CHROOT,
          Call.CLOCK_SETTIME,
          Call.CREATE_MODULE,
          Call.DELETE_MODULE,
          Call.FANOTIFY_INIT,
          Call.FANOTIFY_MARK,
          Call.FCHOWNAT,
          Call.FINIT_MODULE,
          Call.FSCONFIG,
          Call.FSMOUNT,
          Call.FSOPEN,
          Call.FSPICK,
          Call.GET_KERNEL_SYMS,
          Call.INIT_MODULE,
          Call.INOTIFY_ADD_WATCH,
          Call.IO_URING_ENTER,
          Call.IO_URING_REGISTER,
          Call.IO_URING_SETUP,
          Call.IOPERM,
          Call.IOPL,
          Call.KCMP,
          Call.KEXEC_FILE_LOAD,
          Call.KEXEC_LOAD,
          Call.KEYCTL,
          Call.LCHOWN,
          Call.LISTMOUNT,
          Call.LOOKUP_DCOOKIE,
          Call.LREMOVEXATTR,
          Call.LSETXATTR,
          Call.MEMFD_SECRET,
          Call.MIGRATE_PAGES,
          Call.MODIFY_LDT,
          Call.MOUNT,
          Call.MOUNT_SETATTR,
          Call.MOVE_MOUNT,
          Call.MQ_OPEN,
          Call.MSGGET,
          Call.NFSSERVCTL,
          Call.OPEN_BY_HANDLE_AT,
          Call.OPEN_TREE,
          Call.PERF_EVENT_OPEN,
          Call.PIDFD_GETFD,
          Call.PIVOT_ROOT,
          Call.PROCESS_MADVISE,
          Call.PROCESS_MRELEASE,
          Call.PROCESS_VM_READV,
          Call.PROCESS_VM_WRITEV,
          Call.PTRACE,
          Call.QUERY_MODULE,
          Call.QUOTACTL,
          Call.QUOTACTL_FD,
          Call.REBOOT,
          Call.REMOVEXATTR,
          Call.REQUEST_KEY,
          Call.SEMGET,
          Call.SETDOMAINNAME,
          Call.SETHOSTNAME,
          Call.SETNS,
          Call.SETTIMEOFDAY,
          Call.SETXATTR,
          Call.SHMGET,
          Call.STATMOUNT,
          Call.SWAPOFF,
          Call.SWAPON,
          Call.SYSCTL,
          Call.SYSLOG,
          Call.UMOUNT2,
          Call.UNSHARE,
          Call.USELIB,
          Call.USERFAULTFD,
          Call.USTAT,
          Call.VHANGUP);

  /** What a run's processes share with others. */
  enum Reach {
    /** All namespaces: they stay in a group that is theirs, and signal only each other. */
    SHARED,
    /** They have process and IPC namespaces of their own, and may do in them as they like. */
    OWN_NAMESPACES
  }

  /** Which sockets can be made. */
  enum Sockets {
    NONE,
    INTERNET,
    ALL
  }

  @Override
  public byte[] program(Holder holder) {
    BpfProgram program = new BpfProgram(machine, Call.LAST, ENOSYS);
    files(program);
    processes(program);
    sockets(program);
    if (reach == Reach.SHARED) {
      group(program, holder.group());
      signals(program, holder);
      neighbours(program);
    }
    REFUSED.forEach(call -> decide(program, call, REFUSE));
    return program.assemble();
  }

  private void files(BpfProgram program) {
    opening(program, Call.OPENAT, 2);
    opening(program, Call.OPEN, 1);
    if (landlock < Landlock.ABI_IOCTL) {
      // How it opens is in memory, which a filter cannot look at.
      decide(program, Call.OPENAT2, UNKNOWN);
    }
    if (landlock < Landlock.ABI_TRUNCATE) {
      decide(program, Call.TRUNCATE, REFUSE);
    }
    // Landlock knows neither rights nor times: whoever may name a file of this user could change
    // them, of an input that others have, too.
    for (Call call :
        List.of(
            Call.CHMOD,
            Call.FCHMOD,
            Call.FCHMODAT,
            Call.FCHMODAT2,
            Call.UTIME,
            Call.UTIMES,
            Call.FUTIMESAT)) {
      decide(program, call, PRETEND);
    }
    List<Condition> nowOfDescriptor = new java.util.ArrayList<>(Condition.isNull(1));
    nowOfDescriptor.addAll(Condition.isNull(2));
    decide(program, Call.UTIMENSAT, PRETEND, new Case(nowOfDescriptor, ALLOW));
    decide(program, Call.IOCTL, ALLOW, each(1, CONTROLS, REFUSE));
    decide(program, Call.FCNTL, ALLOW, each(1, SIGNALLING, REFUSE));
  }

  /** Access mode 3 opens neither for reading nor for writing, and asks Landlock for no right. */
  private void opening(BpfProgram program, Call call, int flags) {
    Case control = masked(flags, OPEN_FOR_CONTROL, OPEN_FOR_CONTROL, REFUSE);
    if (landlock < Landlock.ABI_TRUNCATE) {
      int mask = O_TRUNC | OPEN_FOR_CONTROL;
      decide(program, call, ALLOW, control, masked(flags, mask, O_TRUNC, REFUSE));
    } else {
      decide(program, call, ALLOW, control);
    }
  }

  private void processes(BpfProgram program) {
    decide(program, Call.CLONE, REFUSE, masked(0, CLONE_REFUSED, 0, ALLOW));
    // Its flags are in memory, too; every libc falls back to clone.
    decide(program, Call.CLONE3, UNKNOWN);
    decide(program, Call.PERSONALITY, REFUSE, each(0, new int[] {0, -1}, ALLOW));
  }

  private void sockets(BpfProgram program) {
    if (sockets == Sockets.ALL) {
      return;
    }
    decide(program, Call.SOCKETPAIR, REFUSE, is(0, AF_UNIX, ALLOW));
    if (sockets == Sockets.NONE) {
      decide(program, Call.SOCKET, REFUSE);
    } else {
      decide(
          program,
          Call.SOCKET,
          REFUSE,
          socket(AF_INET, STREAM),
          socket(AF_INET, DATAGRAM),
          socket(AF_INET6, STREAM),
          socket(AF_INET6, DATAGRAM),
          // NETLINK_ROUTE, by which a libc learns of the machine's addresses.
          new Case(List.of(Condition.is(0, AF_NETLINK), Condition.is(2, 0)), ALLOW));
    }
  }

  private static Case socket(int family, int type) {
    return new Case(List.of(Condition.is(0, family), Condition.masked(1, TYPE_MASK, type)), ALLOW);
  }

  private void group(BpfProgram program, int group) {
    decide(program, Call.SETSID, REFUSE);
    decide(
        program,
        Call.SETPGID,
        REFUSE,
        new Case(List.of(Condition.is(0, 0), Condition.is(1, group)), ALLOW));
  }

  /**
   * Landlock's scope lets a process signal whoever is in its own domain: that is its run, and the
   * thread that started it, by which the whole JVM would be hit.
   */
  private void signals(BpfProgram program, Holder holder) {
    if (landlock < Landlock.ABI_SCOPES) {
      int[] own = {0, -holder.group()};
      decide(program, Call.KILL, REFUSE, each(0, own, ALLOW));
      for (Call call :
          List.of(
              Call.TKILL,
              Call.TGKILL,
              Call.RT_SIGQUEUEINFO,
              Call.RT_TGSIGQUEUEINFO,
              Call.PIDFD_OPEN)) {
        decide(program, call, REFUSE);
      }
      return;
    }
    int[] untouchable = {holder.thread(), holder.process()};
    for (Call call : List.of(Call.KILL, Call.TKILL, Call.RT_SIGQUEUEINFO, Call.PIDFD_OPEN)) {
      decide(program, call, ALLOW, each(0, untouchable, REFUSE));
    }
    for (Call call : List.of(Call.TGKILL, Call.RT_TGSIGQUEUEINFO)) {
      decide(program, call, ALLOW, is(0, holder.process(), REFUSE), is(1, holder.thread(), REFUSE));
    }
  }

  /** Limits, processors and priorities can be set for every process of the same user. */
  private void neighbours(BpfProgram program) {
    decide(program, Call.PRLIMIT64, REFUSE, is(0, 0, ALLOW), new Case(Condition.isNull(2), ALLOW));
    for (Call call :
        List.of(
            Call.SCHED_SETAFFINITY,
            Call.SCHED_SETATTR,
            Call.SCHED_SETPARAM,
            Call.SCHED_SETSCHEDULER,
            Call.MOVE_PAGES)) {
      decide(program, call, REFUSE, is(0, 0, ALLOW));
    }
    // Of itself and of its group, not of its user.
    decide(program, Call.SETPRIORITY, REFUSE, itself(0), itself(1));
    decide(program, Call.IOPRIO_SET, REFUSE, itself(1), itself(2));
  }

  private static Case itself(int kind) {
    return new Case(List.of(Condition.is(0, kind), Condition.is(1, 0)), ALLOW);
  }

  private static Case is(int argument, int value, Verdict verdict) {
    return new Case(List.of(Condition.is(argument, value)), verdict);
  }

  private static Case masked(int argument, int mask, int value, Verdict verdict) {
    return new Case(List.of(Condition.masked(argument, mask, value)), verdict);
  }

  private static Case[] each(int argument, int[] values, Verdict verdict) {
    return java.util.Arrays.stream(values)
        .mapToObj(value -> is(argument, value, verdict))
        .toArray(Case[]::new);
  }

  private void decide(BpfProgram program, Call call, Verdict otherwise, Case... cases) {
    call.on(machine).forEach(number -> program.decide(number, List.of(cases), otherwise));
  }
}
