package dev.stoker.process;

import static dev.stoker.process.NativeCalls.INT;
import static dev.stoker.process.NativeCalls.LONG;
import static dev.stoker.process.NativeCalls.POINTER;
import static dev.stoker.process.NativeCalls.broken;
import static dev.stoker.process.NativeCalls.returnsInt;
import static dev.stoker.process.NativeCalls.returnsLong;
import static dev.stoker.process.NativeCalls.variadicWithErrno;
import static dev.stoker.process.NativeCalls.withErrno;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * Files in memory that a child is to inherit. Not thread-safe: each spawning thread has its own.
 * What fails gives its error number, negated.
 */
final class MemoryFiles {
  private static final int CLOEXEC = 1;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int NONE = -1;

  /** Above every number that one of them may get in the child, so that none overwrites another. */
  private static final int NUMBER_MIN = PosixSpawn.FIRST_INHERITED + ProcessSpec.INHERITED_MAX + 1;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final MethodHandle CREATE = withErrno("memfd_create", returnsInt(POINTER, INT));
  private static final MethodHandle PWRITE =
      withErrno("pwrite", returnsLong(INT, POINTER, LONG, LONG));
  private static final MethodHandle FCNTL =
      variadicWithErrno("fcntl", returnsInt(INT, INT, INT), 2);

  private final Libc libc;
  private final MemorySegment state;
  private final MemorySegment name;
  private int[] open = {};
  private int report = NONE;

  /** Lives as long as {@code arena}. */
  MemoryFiles(Libc libc, Arena arena) {
    this.libc = libc;
    state = arena.allocate(STATE);
    name = arena.allocateFrom("stoker");
  }

  /** Opens what a spec asks for; nothing stays open when that fails. */
  int open(List<Inherited> inherited) {
    report = NONE;
    open = new int[inherited.size()];
    for (int i = 0; i < open.length; i++) {
      int fd = make(inherited.get(i));
      open[i] = fd;
      if (fd < 0) {
        closeAll();
        return fd;
      }
      if (inherited.get(i) instanceof Inherited.BubblewrapReport) {
        report = fd;
      }
    }
    return 0;
  }

  /** In the order of the spec. */
  int[] descriptors() {
    return open;
  }

  /** Gives the report's descriptor away; -1 when there is none. */
  int takeReport() {
    int taken = report;
    report = NONE;
    for (int i = 0; i < open.length; i++) {
      open[i] = open[i] == taken ? NONE : open[i];
    }
    return taken;
  }

  void closeAll() {
    for (int fd : open) {
      if (fd >= 0) {
        libc.close(fd);
      }
    }
    open = new int[0];
    report = NONE;
  }

  private int make(Inherited what) {
    int fd = create();
    if (fd < 0) {
      return fd;
    }
    int written = what instanceof Inherited.Bytes(byte[] bytes) ? write(fd, bytes) : 0;
    if (written < 0) {
      libc.close(fd);
      return written;
    }
    return moveUp(fd);
  }

  /**
   * The same under a number that none of those gets in the child, so that it can be inherited
   * beside them. Takes {@code fd} over.
   */
  int moveUp(int fd) {
    if (fd >= NUMBER_MIN) {
      return fd;
    }
    int moved = move(fd);
    libc.close(fd);
    return moved;
  }

  private int create() {
    try {
      return result((int) CREATE.invokeExact(state, name, CLOEXEC));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private int move(int fd) {
    try {
      return result((int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, NUMBER_MIN));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Leaves the descriptor at the file's beginning. A file in memory takes all or fails. */
  private int write(int fd, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(JAVA_BYTE, bytes);
      return result((long) PWRITE.invokeExact(state, fd, from, (long) bytes.length, 0L));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private int result(long returned) {
    return returned >= 0 ? (int) returned : -(int) ERRNO.get(state, 0L);
  }
}
