package dev.stoker.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Puts the calling thread under a {@link Confinement}, for good. Not thread-safe.
 *
 * <p>Sources: capabilities(7), landlock(7), seccomp(2), cgroups(7), and the kernel's headers.
 */
final class Restriction {
  private static final long SYS_LANDLOCK_CREATE_RULESET = 444;
  private static final long SYS_LANDLOCK_ADD_RULE = 445;
  private static final long SYS_LANDLOCK_RESTRICT_SELF = 446;
  private static final boolean X86 = System.getProperty("os.arch", "").equals("amd64");
  private static final long SYS_CAPSET = X86 ? 126 : 91;
  private static final long SYS_GETTID = X86 ? 186 : 178;
  private static final long SYS_SECCOMP = X86 ? 317 : 277;

  private static final long PR_SET_NO_NEW_PRIVS = 38;
  private static final long RULE_PATH_BENEATH = 1;
  private static final long SECCOMP_SET_MODE_FILTER = 1;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int BPF_BYTES = 8;

  private final Libc libc;
  private final Confinement confinement;

  Restriction(Libc libc, Confinement confinement) {
    this.libc = libc;
    this.confinement = confinement;
  }

  /**
   * Does it.
   *
   * @param group for the filter
   * @return what failed, for the log; empty when all is done
   */
  String apply(int group) {
    try (Arena arena = Arena.ofConfined()) {
      for (Path file : confinement.joins()) {
        long error = join(arena, file);
        if (error < 0) {
          return file + " cannot be joined: errno " + -error;
        }
      }
      return confinement.privileges() == Confinement.Privileges.KEPT ? "" : restrict(arena, group);
    }
  }

  private String restrict(Arena arena, int group) {
    // What reads files, loads classes or takes memory comes first.
    SyscallFilter filter = confinement.filter();
    MemorySegment program = filter == null ? null : program(arena, filter, group);
    LandlockRules rules = confinement.landlock();
    long ruleset = rules == null ? -1 : ruleset(arena, rules);
    if (rules != null && ruleset < 0) {
      return "Landlock takes no such rules: errno " + -ruleset;
    }
    String failure = dropPrivileges(arena);
    if (failure.isEmpty() && rules != null) {
      long error = libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0, 0);
      failure = error < 0 ? "landlock_restrict_self: errno " + -error : "";
    }
    if (rules != null) {
      libc.close((int) ruleset);
    }
    if (failure.isEmpty() && program != null) {
      long error = libc.syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, program.address(), 0);
      failure = error < 0 ? "the kernel does not take the filter: errno " + -error : "";
    }
    return failure;
  }

  private long join(Arena arena, Path file) {
    int fd = libc.openToWrite(arena.allocateFrom(file.toString()));
    if (fd < 0) {
      return fd;
    }
    int written = libc.write(fd, arena.allocateFrom("0"), 1);
    libc.close(fd);
    return written;
  }

  private long ruleset(Arena arena, LandlockRules rules) {
    MemorySegment attributes =
        arena.allocateFrom(JAVA_LONG, rules.handledFiles(), rules.handledNetwork(), rules.scopes());
    // An older kernel knows fewer fields and takes the rest as long as they are 0.
    long ruleset =
        libc.syscall(
            SYS_LANDLOCK_CREATE_RULESET, attributes.address(), attributes.byteSize(), 0, 0);
    for (LandlockRules.Rule rule :
        ruleset < 0 ? java.util.List.<LandlockRules.Rule>of() : rules.rules()) {
      long error = add(arena, ruleset, rule);
      boolean gone = error == -Errno.ENOENT && !rule.path().equals(confinement.cell());
      if (error < 0 && !gone) {
        libc.close((int) ruleset);
        return error;
      }
    }
    return ruleset;
  }

  private long add(Arena arena, long ruleset, LandlockRules.Rule rule) {
    int fd = libc.openPath(arena.allocateFrom(rule.path().toString()));
    if (fd < 0) {
      return fd;
    }
    MemorySegment beneath = arena.allocate(12, 8);
    beneath.set(JAVA_LONG_UNALIGNED, 0, rule.rights());
    beneath.set(JAVA_INT_UNALIGNED, 8, fd);
    long error =
        libc.syscall(SYS_LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, beneath.address(), 0);
    libc.close(fd);
    return error;
  }

  private String dropPrivileges(Arena arena) {
    MemorySegment header = arena.allocateFrom(JAVA_INT, CAPABILITY_VERSION_3, 0);
    MemorySegment none = arena.allocate(24, 8);
    long error = libc.syscall(SYS_CAPSET, header.address(), none.address(), 0, 0);
    if (error < 0) {
      return "capabilities cannot be dropped: errno " + -error;
    }
    error = libc.prctl(PR_SET_NO_NEW_PRIVS, 1);
    return error < 0 ? "no_new_privs cannot be set: errno " + -error : "";
  }

  /** A {@code struct sock_fprog}. */
  private MemorySegment program(Arena arena, SyscallFilter filter, int group) {
    int thread = (int) libc.syscall(SYS_GETTID, 0, 0, 0, 0);
    byte[] program = filter.program(new SyscallFilter.Holder(group, thread, libc.getpid()));
    MemorySegment code = arena.allocate(program.length, BPF_BYTES);
    MemorySegment.copy(program, 0, code, ValueLayout.JAVA_BYTE, 0, program.length);
    MemorySegment description = arena.allocate(16, 8);
    description.set(JAVA_SHORT, 0, (short) (program.length / BPF_BYTES));
    description.set(ADDRESS, 8, code);
    return description;
  }
}
