package dev.stoker.sandbox;

import dev.stoker.process.Confinement;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.SystemCall;
import dev.stoker.sandbox.Layer.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out what works here, by trying it: a thread is restricted as for a run, calls are made on
 * it that must be refused, and a process of it tries what it must not be able to do. Takes some
 * milliseconds; blocks.
 */
final class BootProbe {
  static final String LANDLOCK = "landlock";
  static final String SECCOMP = "seccomp";
  static final String PRIVILEGES = "no_new_privs";
  static final String CONFINED = "confined process";

  private static final long EPERM = 1;
  private static final long ENOSYS = 38;
  private static final long EOPNOTSUPP = 95;
  private static final long CREATE_RULESET = 444;
  private static final long VERSION = 1;
  private static final long PR_GET_SECCOMP = 21;
  private static final long PR_GET_NO_NEW_PRIVS = 39;
  private static final long FILTERED = 2;

  /** The newest Landlock whose rules are known here. */
  private static final int ABI_KNOWN = 7;

  private final ProcessRunner runner;

  BootProbe(ProcessRunner runner) {
    this.runner = runner;
  }

  /** The kernel's Landlock: its ABI, an error's number negated, or why nobody can be asked. */
  sealed interface Abi {
    record Of(int level) implements Abi {}

    record Unknown(String why) implements Abi {}
  }

  Abi abi() {
    try {
      long level =
          runner.call(null, List.of(SystemCall.of(CREATE_RULESET, 0L, 0L, VERSION))).getFirst();
      return level > 0
          ? new Abi.Of((int) Math.min(level, ABI_KNOWN))
          : new Abi.Unknown(
              switch ((int) -level) {
                case (int) ENOSYS -> "this kernel has none, or a container's filter refuses it";
                case (int) EOPNOTSUPP ->
                    "it is switched off in this kernel (boot with lsm=landlock,…)";
                case (int) EPERM -> "a container's filter refuses it";
                default -> "errno " + -level;
              });
    } catch (IllegalStateException e) {
      return new Abi.Unknown(String.valueOf(e.getMessage()));
    }
  }

  /** What the ABI gives, and what is taken away for what it lacks. */
  static Layer landlock(Abi abi) {
    return switch (abi) {
      case Abi.Unknown(String why) -> new Layer(LANDLOCK, State.MISSING, why);
      case Abi.Of(int level) -> {
        List<String> lacks = new ArrayList<>();
        lack(lacks, level, Landlock.ABI_REFER, "files stay in their directory");
        lack(lacks, level, Landlock.ABI_TRUNCATE, "truncate is refused");
        lack(lacks, level, Landlock.ABI_SCOPES, "signals but to the own group are refused");
        yield lacks.isEmpty()
            ? new Layer(LANDLOCK, State.WORKS, "ABI " + level)
            : new Layer(LANDLOCK, State.LIMITED, "ABI " + level + ": " + String.join(", ", lacks));
      }
    };
  }

  private static void lack(List<String> lacks, int level, int needed, String instead) {
    if (level < needed) {
      lacks.add(instead);
    }
  }

  /** Those that are seen from within: the rest of the layers. */
  List<Layer> within(Confinement confinement) {
    Machine machine = Machine.here();
    List<Long> seen;
    try {
      seen =
          runner.call(
              confinement,
              List.of(
                  prctl(machine, PR_GET_NO_NEW_PRIVS),
                  prctl(machine, PR_GET_SECCOMP),
                  call(machine, Call.UNSHARE),
                  call(machine, Call.CLONE3),
                  SystemCall.of(Call.SOCKET.on(machine).getFirst(), 2L, 1L, 0L)));
    } catch (IllegalStateException e) {
      String why = String.valueOf(e.getMessage());
      return List.of(
          new Layer(PRIVILEGES, State.MISSING, why),
          new Layer(SECCOMP, State.MISSING, why),
          new Layer(CONFINED, State.MISSING, why));
    }
    boolean filtered = seen.subList(1, 5).equals(List.of(FILTERED, -EPERM, -ENOSYS, -EPERM));
    return List.of(
        seen.getFirst() == 1
            ? new Layer(PRIVILEGES, State.WORKS, "set, and no capabilities")
            : new Layer(PRIVILEGES, State.MISSING, "it is not set though prctl said so"),
        filtered
            ? new Layer(SECCOMP, State.WORKS, "filter, " + machine)
            : new Layer(SECCOMP, State.MISSING, "calls that the filter refuses returned " + seen),
        new ConfinedProcess(runner).layer(confinement));
  }

  private static SystemCall prctl(Machine machine, long option) {
    return SystemCall.of(machine == Machine.X86_64 ? 157L : 167L, option);
  }

  private static SystemCall call(Machine machine, Call call) {
    return SystemCall.of(call.on(machine).getFirst());
  }
}
