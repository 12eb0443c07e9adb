package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.SyscallFilter.Holder;
import dev.stoker.sandbox.SeccompFilter.Reach;
import dev.stoker.sandbox.SeccompFilter.Sockets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SeccompFilterTest {
  private static final int GROUP = 1000;
  private static final int THREAD = 2000;
  private static final int JVM = 3000;
  private static final Holder HOLDER = new Holder(GROUP, THREAD, JVM);
  private static final int KERNEL_MAX = 4096;

  private static int on(SeccompFilter filter, Call call, long... arguments) {
    int number = call.on(filter.machine()).getFirst();
    return new BpfEvaluator(filter.program(HOLDER))
        .on(filter.machine().auditArch(), number, arguments);
  }

  private static SeccompFilter shared(Sockets sockets, int landlock) {
    return new SeccompFilter(Machine.X86_64, Reach.SHARED, sockets, landlock);
  }

  private static String word(int verdict) {
    return verdict == BpfEvaluator.ALLOW
        ? "allow"
        : Integer.toString(verdict & ~BpfEvaluator.ERRNO);
  }

  @ParameterizedTest
  @CsvSource({
    "SOCKET, 2, 1, 0, 1",
    "SOCKET, 1, 1, 0, 1",
    "SOCKETPAIR, 1, 1, 0, allow",
    "SOCKETPAIR, 40, 1, 0, 1",
    "CLONE, 17, 0, 0, allow",
    "CLONE, 0x3d0f00, 0, 0, allow",
    "CLONE, 0x10000011, 0, 0, 1",
    "CLONE, 0x20011, 0, 0, 1",
    "CLONE, 0x40000011, 0, 0, 1",
    "CLONE, 0x8011, 0, 0, 1",
    "CLONE3, 0, 0, 0, 38",
    "SETSID, 0, 0, 0, 1",
    "SETPGID, 0, 1000, 0, allow",
    "SETPGID, 0, 0, 0, 1",
    "SETPGID, 5, 1000, 0, 1",
    "KILL, 0, 9, 0, allow",
    "KILL, 4000, 9, 0, allow",
    "KILL, 2000, 9, 0, 1",
    "KILL, 3000, 9, 0, 1",
    "TGKILL, 3000, 1, 9, 1",
    "TGKILL, 2000, 2000, 9, 1",
    "TGKILL, 4000, 4001, 9, allow",
    "TKILL, 2000, 9, 0, 1",
    "PIDFD_OPEN, 2000, 0x80, 0, 1",
    "FCNTL, 3, 8, 2000, 1",
    "FCNTL, 3, 15, 2000, 1",
    "FCNTL, 3, 10, 9, 1",
    "FCNTL, 3, 3, 0, allow",
    "IOCTL, 0, 0x5412, 0, 1",
    "IOCTL, 0, 0x5401, 0, allow",
    "PRLIMIT64, 0, 7, 0x7f0000000000, allow",
    "PRLIMIT64, 3000, 7, 0x7f0000000000, 1",
    "PRLIMIT64, 3000, 7, 0, allow",
    "SCHED_SETAFFINITY, 3000, 8, 1, 1",
    "SETPRIORITY, 2, 0, 19, 1",
    "SETPRIORITY, 0, 0, 19, allow",
    "CHMOD, 1, 0777, 0, 0",
    "UTIMENSAT, 3, 0x700000000000, 0, 0",
    "UTIMENSAT, 3, 0, 0, allow",
    "UTIMENSAT, 3, 0, 0x100000000, 0",
    "OPENAT, -100, 1, 0x241, allow",
    "OPENAT, -100, 1, 3, 1",
    "PERSONALITY, 0xffffffff, 0, 0, allow",
    "PERSONALITY, 0x400000, 0, 0, 1",
    "UNSHARE, 0, 0, 0, 1",
    "PTRACE, 0, 0, 0, 1",
    "MOUNT, 0, 0, 0, 1",
    "BPF, 0, 0, 0, 1",
    "IO_URING_SETUP, 0, 0, 0, 1",
    "USERFAULTFD, 0, 0, 0, 1",
    "KEYCTL, 0, 0, 0, 1",
  })
  void shouldJudge(Call call, String first, String second, String third, String verdict) {
    SeccompFilter filter = shared(Sockets.NONE, 7);

    assertThat(word(on(filter, call, Long.decode(first), number(second), number(third))))
        .isEqualTo(verdict);
  }

  private static long number(String text) {
    return Long.decode(text);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1, 0, allow", "2, 0x80002, 0, allow", "10, 1, 0, allow", "2, 3, 1, 1", "1, 1, 0, 1",
    "16, 3, 0, allow", "16, 3, 9, 1", "17, 3, 0, 1", "40, 1, 0, 1", "38, 5, 0, 1",
  })
  void shouldLetOnlyInternetSocketsThroughToTheHostsNetwork(
      int family, String type, int protocol, String verdict) {
    SeccompFilter filter = shared(Sockets.INTERNET, 7);

    assertThat(word(on(filter, Call.SOCKET, family, number(type), protocol))).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({
    "KILL, 0, 9, 0, allow",
    "KILL, -1000, 9, 0, allow",
    "KILL, 4000, 9, 0, 1",
    "KILL, -1, 9, 0, 1",
    "TGKILL, 4000, 4000, 6, 1",
    "TRUNCATE, 0, 0, 0, 1",
    "OPENAT, 0, 0, 0x200, 1",
    "OPENAT, 0, 0, 0x241, allow",
    "OPENAT2, 0, 0, 0, 38",
    "PIDFD_OPEN, 4000, 0, 0, 1",
  })
  void shouldTakeAwayWhatAnOldLandlockLacks(
      Call call, long first, long second, String third, String verdict) {
    SeccompFilter filter = shared(Sockets.NONE, 1);

    assertThat(word(on(filter, call, first, second, number(third)))).isEqualTo(verdict);
  }

  @ParameterizedTest
  @EnumSource(Machine.class)
  void shouldLetNamespacesOfTheirOwnHaveSessionsAndSignals(Machine machine) {
    SeccompFilter filter = new SeccompFilter(machine, Reach.OWN_NAMESPACES, Sockets.NONE, 0);

    assertThat(on(filter, Call.SETSID)).isEqualTo(BpfEvaluator.ALLOW);
    assertThat(on(filter, Call.SETPGID, 0, 0)).isEqualTo(BpfEvaluator.ALLOW);
    assertThat(on(filter, Call.KILL, THREAD, 9)).isEqualTo(BpfEvaluator.ALLOW);
    assertThat(on(filter, Call.UNSHARE)).isEqualTo(BpfEvaluator.ERRNO | 1);
  }

  @Property(tries = 3000)
  void shouldRefuseEveryCallOfAnotherMachineAndEveryNewOne(
      @ForAll int number, @ForAll int arch, @ForAll Machine machine, @ForAll long argument) {
    SeccompFilter filter = new SeccompFilter(machine, Reach.SHARED, Sockets.INTERNET, 7);
    BpfEvaluator program = new BpfEvaluator(filter.program(HOLDER));

    if (arch != machine.auditArch()) {
      assertThat(program.on(arch, number, argument)).isEqualTo(BpfEvaluator.ERRNO | 38);
    }
    if (Integer.compareUnsigned(number, Call.LAST) > 0) {
      assertThat(program.on(machine.auditArch(), number, argument))
          .isEqualTo(BpfEvaluator.ERRNO | 38);
    }
  }

  @Property(tries = 3000)
  void shouldAllowWhatItDoesNotName(
      @ForAll @IntRange(min = 0, max = Call.LAST) int number,
      @ForAll Machine machine,
      @ForAll long first,
      @ForAll long second) {
    SeccompFilter filter = new SeccompFilter(machine, Reach.SHARED, Sockets.NONE, 7);
    Set<Integer> named =
        Arrays.stream(Call.values())
            .flatMap(call -> call.on(machine).stream())
            .collect(Collectors.toSet());
    byte[] program = filter.program(HOLDER);

    assertThat(program.length / 8).isLessThan(KERNEL_MAX);
    if (!named.contains(number)) {
      assertThat(new BpfEvaluator(program).on(machine.auditArch(), number, first, second))
          .isEqualTo(BpfEvaluator.ALLOW);
    }
  }

  @Property(tries = 2000)
  void shouldLetNoCloneMakeANamespace(@ForAll int flags, @ForAll int upper) {
    long word = ((long) upper << 32) | (flags & 0xffff_ffffL);
    boolean refused = (flags & 0x7e028000) != 0;
    for (int landlock : List.of(1, 7)) {
      assertThat(on(shared(Sockets.NONE, landlock), Call.CLONE, word) == BpfEvaluator.ALLOW)
          .isEqualTo(!refused);
    }
  }
}
