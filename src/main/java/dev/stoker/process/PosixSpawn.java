package dev.stoker.process;

import static dev.stoker.process.NativeCalls.INT;
import static dev.stoker.process.NativeCalls.POINTER;
import static dev.stoker.process.NativeCalls.broken;
import static dev.stoker.process.NativeCalls.plain;
import static dev.stoker.process.NativeCalls.returnsInt;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code posix_spawn} as this package uses it: own session or a given group, no signal blocked or
 * ignored, no descriptor but 0, 1, 2 and those that are given. Not thread-safe: each spawning
 * thread has its own.
 */
final class PosixSpawn {
  private static final short SETPGROUP = 0x02;
  private static final short SETSIGDEF = 0x04;
  private static final short SETSIGMASK = 0x08;
  private static final short SETSID = 0x80;

  /** glibc's are 80 and 336 bytes; nobody's is as large as this. */
  private static final int STRUCT_BYTES = 1024;

  private static final int SIGSET_BYTES = 128;
  private static final int READ_ONLY = 0;

  /** The number of the first descriptor that a child has beside the standard three. */
  static final int FIRST_INHERITED = 3;

  private static final MethodHandle SPAWN =
      plain("posix_spawn", returnsInt(POINTER, POINTER, POINTER, POINTER, POINTER, POINTER));
  private static final MethodHandle ATTRIBUTES_INIT =
      plain("posix_spawnattr_init", returnsInt(POINTER));
  private static final MethodHandle SET_FLAGS =
      plain(
          "posix_spawnattr_setflags",
          returnsInt(POINTER, java.lang.foreign.ValueLayout.JAVA_SHORT));
  private static final MethodHandle SET_GROUP =
      plain("posix_spawnattr_setpgroup", returnsInt(POINTER, INT));
  private static final MethodHandle SET_DEFAULT_SIGNALS =
      plain("posix_spawnattr_setsigdefault", returnsInt(POINTER, POINTER));
  private static final MethodHandle SET_BLOCKED_SIGNALS =
      plain("posix_spawnattr_setsigmask", returnsInt(POINTER, POINTER));
  private static final MethodHandle ACTIONS_INIT = action("init");
  private static final MethodHandle ACTIONS_DESTROY = action("destroy");
  private static final MethodHandle ADD_DUP2 = action("adddup2", INT, INT);
  private static final MethodHandle ADD_OPEN = action("addopen", INT, POINTER, INT, INT);
  private static final MethodHandle ADD_CLOSE_FROM = action("addclosefrom_np", INT);
  private static final MethodHandle ADD_CHDIR = action("addchdir_np", POINTER);

  private final MemorySegment attributes;
  private final MemorySegment actions;
  private final MemorySegment pid;

  /** Lives as long as {@code arena}. */
  PosixSpawn(Arena arena) {
    attributes = arena.allocate(STRUCT_BYTES, 16);
    actions = arena.allocate(STRUCT_BYTES, 16);
    pid = arena.allocate(JAVA_INT);
    MemorySegment none = arena.allocate(SIGSET_BYTES, 16);
    // All of them, also the two that glibc keeps for itself: it would leave those ignored.
    MemorySegment all = arena.allocate(SIGSET_BYTES, 16).fill((byte) 0xff);
    try {
      check((int) ATTRIBUTES_INIT.invokeExact(attributes));
      check((int) SET_FLAGS.invokeExact(attributes, (short) (SETSID | SETSIGDEF | SETSIGMASK)));
      check((int) SET_DEFAULT_SIGNALS.invokeExact(attributes, all));
      check((int) SET_BLOCKED_SIGNALS.invokeExact(attributes, none));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * From now on a process stays in this JVM's session and is put into a group.
   *
   * @param group 0 for a new one, which it leads
   */
  void useGroup(int group) {
    try {
      check((int) SET_FLAGS.invokeExact(attributes, (short) (SETPGROUP | SETSIGDEF | SETSIGMASK)));
      check((int) SET_GROUP.invokeExact(attributes, group));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * Starts a process and returns when it has exec'ed, which takes most of a millisecond.
   *
   * @param stdin a descriptor, or -1 for {@code block}'s stdin path
   * @param inherited descriptors that become 3, 4 and so on; none has one of these numbers
   * @return its number, or an error number, negated
   */
  int start(ArgumentBlock block, int stdin, int stdout, int stderr, int[] inherited) {
    int error = prepare();
    if (error != 0) {
      return -error;
    }
    error = describe(block, stdin, stdout, stderr, inherited);
    try {
      if (error == 0) {
        error =
            (int)
                SPAWN.invokeExact(
                    pid,
                    block.executable(),
                    actions,
                    attributes,
                    block.arguments(),
                    block.environment());
      }
      check((int) ACTIONS_DESTROY.invokeExact(actions));
    } catch (Throwable e) {
      throw broken(e);
    }
    return error == 0 ? pid.get(JAVA_INT, 0) : -error;
  }

  private int prepare() {
    try {
      return (int) ACTIONS_INIT.invokeExact(actions);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * The child closes what it inherited before the slow steps, because until then it holds its
   * neighbours' pipes open, too.
   */
  private int describe(ArgumentBlock block, int stdin, int stdout, int stderr, int[] inherited) {
    try {
      int error =
          stdin >= 0
              ? (int) ADD_DUP2.invokeExact(actions, stdin, 0)
              : (int) ADD_OPEN.invokeExact(actions, 0, block.stdin(), READ_ONLY, 0);
      if (error == 0) {
        error = (int) ADD_DUP2.invokeExact(actions, stdout, 1);
      }
      if (error == 0) {
        error = (int) ADD_DUP2.invokeExact(actions, stderr, 2);
      }
      for (int i = 0; i < inherited.length && error == 0; i++) {
        error = (int) ADD_DUP2.invokeExact(actions, inherited[i], FIRST_INHERITED + i);
      }
      if (error == 0) {
        error = (int) ADD_CLOSE_FROM.invokeExact(actions, FIRST_INHERITED + inherited.length);
      }
      if (error == 0) {
        error = (int) ADD_CHDIR.invokeExact(actions, block.directory());
      }
      return error;
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private static MethodHandle action(String name, MemoryLayout... arguments) {
    MemoryLayout[] all = new MemoryLayout[arguments.length + 1];
    all[0] = POINTER;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return plain("posix_spawn_file_actions_" + name, returnsInt(all));
  }

  private static void check(int error) {
    if (error != 0) {
      throw new IllegalStateException("posix_spawn cannot be prepared: errno " + error);
    }
  }
}
