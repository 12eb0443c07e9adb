package dev.stoker.process;

import static dev.stoker.process.NativeCalls.INT;
import static dev.stoker.process.NativeCalls.LONG;
import static dev.stoker.process.NativeCalls.POINTER;
import static dev.stoker.process.NativeCalls.broken;
import static dev.stoker.process.NativeCalls.returnsInt;
import static dev.stoker.process.NativeCalls.returnsLong;
import static dev.stoker.process.NativeCalls.variadicWithErrno;
import static dev.stoker.process.NativeCalls.withErrno;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Linux's calls on descriptors and processes. A call that fails returns its error number, negated,
 * as the kernel itself does; none throws. Not thread-safe: each thread has its own, because it owns
 * the memory that errno and small structures come back in.
 */
final class Libc {
  static final int SIGKILL = 9;
  static final int SIGTERM = 15;
  static final int SIGCONT = 18;
  static final int SIGSTOP = 19;

  private static final int O_WRONLY = 1;
  private static final int O_PATH = 0x200000;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETFL = 4;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int P_PID = 1;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  static final int RLIMIT_FSIZE = 1;
  static final int RLIMIT_NPROC = 6;
  static final int RLIMIT_NOFILE = 7;

  private static final long SYS_PRLIMIT64 =
      System.getProperty("os.arch", "").equals("aarch64") ? 261 : 302;
  private static final long SYS_SCHED_SETATTR =
      System.getProperty("os.arch", "").equals("aarch64") ? 274 : 314;
  private static final long SYS_SCHED_GETATTR = SYS_SCHED_SETATTR + 1;
  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final int SCRATCH_BYTES = 256;
  private static final int RLIMIT_BYTES = 16;
  private static final int SCHED_ATTR_BYTES = 48;
  private static final int SCHED_RUNTIME = 24;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  private static final MethodHandle CLOSE = withErrno("close", returnsInt(INT));
  private static final MethodHandle EPOLL_CREATE1 = withErrno("epoll_create1", returnsInt(INT));
  private static final MethodHandle EPOLL_CTL =
      withErrno("epoll_ctl", returnsInt(INT, INT, INT, POINTER));
  private static final MethodHandle EPOLL_WAIT =
      withErrno("epoll_wait", returnsInt(INT, POINTER, INT, INT));
  private static final MethodHandle EVENTFD = withErrno("eventfd", returnsInt(INT, INT));
  private static final MethodHandle FCNTL =
      variadicWithErrno("fcntl", returnsInt(INT, INT, INT), 2);
  private static final MethodHandle GETPID = NativeCalls.plain("getpid", returnsInt());
  private static final MethodHandle KILL = withErrno("kill", returnsInt(INT, INT));
  private static final MethodHandle OPEN =
      variadicWithErrno("open", returnsInt(POINTER, INT, INT), 2);
  private static final MethodHandle PIPE2 = withErrno("pipe2", returnsInt(POINTER, INT));
  private static final MethodHandle PRCTL =
      variadicWithErrno("prctl", returnsInt(INT, LONG, LONG, LONG, LONG), 1);
  private static final MethodHandle PREAD =
      withErrno("pread", returnsLong(INT, POINTER, LONG, LONG));
  private static final MethodHandle READ = withErrno("read", returnsLong(INT, POINTER, LONG));
  private static final MethodHandle SYSCALL =
      variadicWithErrno("syscall", returnsLong(LONG, LONG, LONG, LONG, LONG), 1);
  private static final MethodHandle WAIT4 =
      withErrno("wait4", returnsInt(INT, POINTER, INT, POINTER));
  private static final MethodHandle WAITID =
      withErrno("waitid", returnsInt(INT, INT, POINTER, INT));
  private static final MethodHandle WRITE = withErrno("write", returnsLong(INT, POINTER, LONG));

  private final MemorySegment state;
  private final MemorySegment scratch;

  /** Lives as long as {@code arena}. */
  Libc(Arena arena) {
    state = arena.allocate(STATE);
    scratch = arena.allocate(SCRATCH_BYTES, 16);
  }

  int close(int fd) {
    try {
      return result((int) CLOSE.invokeExact(state, fd));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** A pipe, both ends blocking and close-on-exec: see {@link #readEnd} and {@link #writeEnd}. */
  int pipe() {
    try {
      return result((int) PIPE2.invokeExact(state, scratch, O_CLOEXEC));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Of the last {@link #pipe} that succeeded. */
  int readEnd() {
    return scratch.get(JAVA_INT, 0);
  }

  /** Of the last {@link #pipe} that succeeded. */
  int writeEnd() {
    return scratch.get(JAVA_INT, 4);
  }

  /** For a pipe's end, which has no other status flags that could be lost. */
  int setNonBlocking(int fd) {
    try {
      return result((int) FCNTL.invokeExact(state, fd, F_SETFL, O_NONBLOCK));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Opens for reading. */
  int open(MemorySegment path) {
    return open(path, 0);
  }

  /** Opens what is there already for writing. */
  int openToWrite(MemorySegment path) {
    return open(path, O_WRONLY);
  }

  /** A descriptor that only names what the path leads to. */
  int openPath(MemorySegment path) {
    return open(path, O_PATH);
  }

  private int open(MemorySegment path, int flags) {
    try {
      return result((int) OPEN.invokeExact(state, path, flags | O_CLOEXEC, 0));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int read(int fd, MemorySegment buffer) {
    try {
      return result((long) READ.invokeExact(state, fd, buffer, buffer.byteSize()));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int readAt(int fd, MemorySegment buffer, long offset) {
    try {
      return result((long) PREAD.invokeExact(state, fd, buffer, buffer.byteSize(), offset));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int write(int fd, MemorySegment buffer, long bytes) {
    try {
      return result((long) WRITE.invokeExact(state, fd, buffer, bytes));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int epollCreate() {
    try {
      return result((int) EPOLL_CREATE1.invokeExact(state, O_CLOEXEC));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Thread-safe in the kernel: a descriptor may be added while another thread waits. */
  int epollAdd(int epoll, int fd, int events, long key) {
    EpollEvents.put(scratch, events, key);
    try {
      return result((int) EPOLL_CTL.invokeExact(state, epoll, EpollEvents.CTL_ADD, fd, scratch));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int epollWait(int epoll, MemorySegment events, int eventsMax, int timeoutMillis) {
    try {
      return result((int) EPOLL_WAIT.invokeExact(state, epoll, events, eventsMax, timeoutMillis));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int eventFd() {
    try {
      return result((int) EVENTFD.invokeExact(state, 0, O_CLOEXEC | O_NONBLOCK));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** To one process, or to a group when {@code pid} is negative. */
  int kill(int pid, int signal) {
    try {
      return result((int) KILL.invokeExact(state, pid, signal));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int getpid() {
    try {
      return (int) GETPID.invokeExact();
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Makes this process the parent of its orphaned descendants, or leaves them to others again. */
  int setSubreaper(boolean on) {
    return prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0);
  }

  int prctl(long option, long value) {
    try {
      return result((int) PRCTL.invokeExact(state, (int) option, value, 0L, 0L, 0L));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int pidfdOpen(int pid) {
    return (int) syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
  }

  /** To exactly the process the descriptor was opened for, whoever has its number by now. */
  int pidfdSignal(int pidfd, int signal) {
    return (int) syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
  }

  /** Limits a process, softly and hard, to at most what it could have; prlimit(2). */
  int limit(int pid, int resource, long most) {
    MemorySegment now = scratch.asSlice(RLIMIT_BYTES, RLIMIT_BYTES);
    int error = prlimit(pid, resource, MemorySegment.NULL, now);
    if (error < 0) {
      return error;
    }
    // Unsigned: no limit is the largest number there is.
    long hard = now.get(JAVA_LONG, 8);
    long value = Long.compareUnsigned(most, hard) < 0 ? most : hard;
    scratch.set(JAVA_LONG, 0, value);
    scratch.set(JAVA_LONG, 8, value);
    return prlimit(pid, resource, scratch, MemorySegment.NULL);
  }

  /**
   * Asks the kernel to give this thread short slices of time, and so to let it run before others
   * that want to at the same moment; sched_setattr(2). An older one than 6.12 says yes and does
   * nothing.
   */
  int askForSlices(long nanos) {
    long error = syscall(SYS_SCHED_GETATTR, 0, scratch.address(), SCHED_ATTR_BYTES, 0);
    if (error < 0) {
      return (int) error;
    }
    scratch.set(JAVA_LONG, SCHED_RUNTIME, nanos);
    return (int) syscall(SYS_SCHED_SETATTR, 0, scratch.address(), 0, 0);
  }

  private int prlimit(int pid, int resource, MemorySegment set, MemorySegment get) {
    try {
      return result(
          (long)
              SYSCALL.invokeExact(
                  state, SYS_PRLIMIT64, (long) pid, (long) resource, set.address(), get.address()));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Waits until the child is a zombie, and leaves it one. */
  int awaitZombie(int pid) {
    try {
      return result((int) WAITID.invokeExact(state, P_PID, pid, scratch, WEXITED | WNOWAIT));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * Reaps a child that is a zombie.
   *
   * @return its number, 0 when it still lives, -ECHILD when it is not ours
   */
  int reap(int pid) {
    return wait4(pid, WNOHANG);
  }

  /** Reaps a child, waiting for its end. */
  int reapWhenDead(int pid) {
    return wait4(pid, 0);
  }

  /** Of what was reaped last. */
  WaitResult reaped() {
    return WaitResult.at(scratch, WaitResult.USAGE_OFFSET);
  }

  private int wait4(int pid, int options) {
    try {
      return result(
          (int)
              WAIT4.invokeExact(
                  state, pid, scratch, options, scratch.asSlice(WaitResult.USAGE_OFFSET)));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Any call; what the kernel returns, an error's number negated. */
  long syscall(long number, long first, long second, long third, long fourth) {
    try {
      long returned = (long) SYSCALL.invokeExact(state, number, first, second, third, fourth);
      return returned >= 0 ? returned : result(returned);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private int result(long returned) {
    return returned >= 0 ? (int) returned : -(int) ERRNO.get(state, 0L);
  }
}
