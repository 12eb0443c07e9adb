package dev.stoker.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds libc's functions, and tells whether all that are needed are there. Stateless.
 *
 * <p>None is linked as {@link Linker.Option#critical}: that would save some nanoseconds of a system
 * call and hold up every safepoint for as long as the call takes.
 */
final class NativeCalls {
  static final MemoryLayout INT = JAVA_INT;
  static final MemoryLayout LONG = JAVA_LONG;
  static final MemoryLayout POINTER = ADDRESS;

  /** The newest of glibc that are asked for: 2.29 and 2.34. */
  private static final List<String> NEEDED =
      List.of(
          "posix_spawn",
          "posix_spawn_file_actions_addchdir_np",
          "posix_spawn_file_actions_addclosefrom_np",
          "epoll_wait",
          "pipe2",
          "wait4",
          "prctl",
          "syscall");

  private NativeCalls() {}

  /** Why this system cannot take the native way; empty when it looks as if it could. */
  static Optional<String> missing() {
    String system = System.getProperty("os.name", "");
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!system.equals("Linux")) {
      return Optional.of("this is " + system + ", not Linux");
    }
    if (!machine.equals("amd64") && !machine.equals("aarch64")) {
      return Optional.of("this is " + machine + ", not x86-64 or aarch64");
    }
    if (!NativeCalls.class.getModule().isNativeAccessEnabled()) {
      return Optional.of("java was not started with --enable-native-access=ALL-UNNAMED");
    }
    return NEEDED.stream()
        .filter(name -> Linker.nativeLinker().defaultLookup().find(name).isEmpty())
        .findFirst()
        .map(name -> "libc has no " + name + " (glibc 2.34 or newer is needed)");
  }

  /** A function whose result is all there is to know. */
  static MethodHandle plain(String name, FunctionDescriptor type) {
    return link(name, type);
  }

  /** A function that sets errno: its first argument is the segment to keep it in. */
  static MethodHandle withErrno(String name, FunctionDescriptor type) {
    return link(name, type, Linker.Option.captureCallState("errno"));
  }

  /** The same for one declared with {@code ...} after its first {@code fixed} arguments. */
  static MethodHandle variadicWithErrno(String name, FunctionDescriptor type, int fixed) {
    return link(
        name, type, Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(fixed));
  }

  /** A descriptor of a function that returns {@code int}. */
  static FunctionDescriptor returnsInt(MemoryLayout... arguments) {
    return FunctionDescriptor.of(JAVA_INT, arguments);
  }

  /** A descriptor of a function that returns {@code long} or {@code ssize_t}. */
  static FunctionDescriptor returnsLong(MemoryLayout... arguments) {
    return FunctionDescriptor.of(JAVA_LONG, arguments);
  }

  /** What a linked call throws when it was called with the wrong types: never at run time. */
  static AssertionError broken(Throwable cause) {
    return new AssertionError("a native call does not fit its descriptor", cause);
  }

  @SuppressWarnings("restricted") // The descriptors are checked against the manual pages by hand.
  private static MethodHandle link(String name, FunctionDescriptor type, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
  }
}
