package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.ProcessLimits.Gate;
import dev.stoker.process.ProcessLimits.Watch;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process is held to, by real processes. */
final class ProcessLimitsIT extends RunnerFixture {
  private static final Outcome MEMORY = new Outcome.OutOfMemory("too much memory");
  private static final Outcome TASKS = new Outcome.Failed("too many processes");

  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.NATIVE;
  }

  @Test
  void shouldLimitOpenFilesBeforeTheProgramRuns() {
    Recording run = run("ulimit -Sn; ulimit -Hn", new ProcessLimits(64, null, null, null));

    assertThat(run.stdout()).isEqualTo("64\n64\n");
  }

  @Test
  void shouldNotAllowMoreOpenFilesThanThisProcessMayHave() {
    Recording run = run("ulimit -Hn", new ProcessLimits(Integer.MAX_VALUE, null, null, null));
    Recording free = run("ulimit -Hn", ProcessLimits.NONE);

    assertThat(run.stdout()).isEqualTo(free.stdout());
  }

  @Test
  void shouldEndAProgramThatWritesATooLargeFile() {
    Recording run =
        run(
            "exec dd if=/dev/zero of=large bs=64k count=100",
            new ProcessLimits(null, 1L << 20, null, null));

    assertThat(run.exit()).isEqualTo(Signals.byName("SIGXFSZ"));
    assertThat(directory.resolve("large")).hasSize(1 << 20);
  }

  @Test
  void shouldAdmitTheProcessBeforeItsProgramRuns() {
    AtomicInteger admitted = new AtomicInteger();
    Path seen = directory.resolve("admitted");
    Gate gate =
        gate(
            pid -> {
              admitted.set(pid);
              Files.writeString(seen, "yes");
            });

    Recording run = run("echo $$; cat admitted", new ProcessLimits(null, null, gate, null));

    assertThat(run.stdout()).isEqualTo(admitted.get() + "\nyes");
    assertThat(run.pid()).isEqualTo(admitted.get());
  }

  @Test
  void shouldNotRunAProgramThatIsNotAdmitted() {
    Gate gate =
        gate(
            pid -> {
              throw new IOException("no room");
            });

    Recording run = run("touch ran", new ProcessLimits(null, null, gate, null));

    assertThat(run.failure().reason())
        .isEqualTo("cannot start 'sh': it cannot be held to its limits: no room");
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  @Test
  void shouldSayOfAProgramThatCannotBeStartedAfterItsGateWhatIsSaidWithoutOne() throws Exception {
    Path program = directory.resolve("vanishing");
    Files.copy(Path.of("/bin/true"), program);
    Gate gate = gate(pid -> Files.delete(program));
    Specs specs = Specs.program(directory, program.toString(), List.of("vanishing"));

    Recording run = new Recording();
    runner.start(specs.build().limited(new ProcessLimits(null, null, gate, null)), run);
    run.awaitEnd();

    assertThat(run.end().verdict())
        .isEqualTo(new Outcome.SandboxFailed("cannot start 'vanishing': no such file"));
  }

  @Test
  void shouldLeaveAToolItsOwnExitCodes() {
    ProcessLimits limits = new ProcessLimits(64, null, null, null);

    for (int code : new int[] {1, 126, 127}) {
      Recording run = run("exit " + code, limits);

      assertThat(run.exit()).isEqualTo(new Exit.Code(code));
      assertThat(run.end().verdict()).isNull();
    }
  }

  @Test
  void shouldGiveVariablesThatAShellWouldDrop() {
    Specs specs =
        Specs.program(directory, "/usr/bin/env", List.of("env"))
            .withEnvironment(Map.of("a.b", "1 2", "PWD", directory.toString(), "C", "3"));

    Recording run = new Recording();
    runner.start(specs.build().limited(new ProcessLimits(64, null, null, null)), run);
    run.awaitEnd();

    assertThat(run.stdout().lines())
        .containsExactlyInAnyOrder(
            "a.b=1 2", "PWD=" + directory, "C=3", "STOKER_RUN=" + specs.mark());
  }

  @Test
  @Timeout(60)
  void shouldEndATreeThatHasTooMuchMemoryTogether() {
    Watch watch = new Watch(120L << 20, MEMORY, 0, TASKS);
    String holds = "python3 -c 'import time; x = b\"x\" * (50 << 20); time.sleep(600)' & ";

    Recording run = run(holds + holds + holds + "wait", new ProcessLimits(null, null, null, watch));

    assertThat(run.end().verdict()).isEqualTo(MEMORY);
  }

  @Test
  @Timeout(60)
  void shouldNotCountWhatATreeSharesForEachOfIt() {
    Watch watch = new Watch(120L << 20, MEMORY, 0, TASKS);
    String shares =
        """
        import os, time
        x = b"x" * (60 << 20)
        for i in range(5):
            if os.fork() == 0:
                time.sleep(1)
                os._exit(0)
        for i in range(5):
            os.wait()
        """;

    Recording run = new Recording();
    Specs specs = Specs.program(directory, "/usr/bin/python3", List.of("python3", "-c", shares));
    runner.start(specs.build().limited(new ProcessLimits(null, null, null, watch)), run);
    run.awaitEnd();

    assertThat(run.end().verdict()).isNull();
    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
  }

  @Test
  @Timeout(60)
  void shouldEndATreeThatHasTooManyProcesses() {
    Watch watch = new Watch(0, MEMORY, 20, TASKS);

    Recording run =
        run(
            "i=0; while [ $i -lt 40 ]; do sleep 600 & i=$((i+1)); done; wait",
            new ProcessLimits(null, null, null, watch));

    assertThat(run.end().verdict()).isEqualTo(TASKS);
  }

  @Test
  @Timeout(60)
  void shouldCountThoseThatLeftTheirTree() {
    Watch watch = new Watch(0, MEMORY, 20, TASKS);

    Recording run =
        run(
            "i=0; while [ $i -lt 40 ]; do (setsid sleep 600 & ); i=$((i+1)); done; exec sleep 600",
            new ProcessLimits(null, null, null, watch));

    assertThat(run.end().verdict()).isEqualTo(TASKS);
  }

  @Test
  @Timeout(60)
  void shouldLetANeighbourLive() {
    Watch watch = new Watch(0, MEMORY, 20, TASKS);
    Recording neighbour = new Recording();
    Specs specs = Specs.script(directory, "sleep 600 & wait");
    RunningProcess running =
        runner.start(specs.build().limited(new ProcessLimits(null, null, null, watch)), neighbour);
    neighbour.awaitStarted();

    run(
        "i=0; while [ $i -lt 40 ]; do sleep 600 & i=$((i+1)); done; wait",
        new ProcessLimits(null, null, null, watch));

    assertThat(neighbour.over()).isFalse();
    running.kill();
    assertThat(neighbour.awaitEnd().end().verdict()).isNull();
  }

  /** A shell sees that it was stopped and goes on; it is nothing to it what another tree does. */
  @Test
  @Timeout(60)
  void shouldNotStopANeighbourToCountAnother() {
    Watch watch = new Watch(0, MEMORY, 20, TASKS);
    ProcessLimits limits = new ProcessLimits(null, null, null, watch);
    String honest =
        "trap 'echo stopped' CONT; echo begun; while [ ! -e over ]; do sleep 0.05; done";
    Recording neighbour = new Recording();
    runner.start(Specs.script(directory, honest).build().limited(limits), neighbour);
    neighbour.awaitStarted();

    for (int i = 0; i < 3; i++) {
      Recording bomb =
          run("i=0; while [ $i -lt 300 ]; do sleep 600 & i=$((i+1)); done; wait", limits);
      assertThat(bomb.end().verdict()).isEqualTo(TASKS);
    }

    run("touch over", ProcessLimits.NONE);
    assertThat(neighbour.awaitEnd().stdout()).isEqualTo("begun\n");
    assertThat(neighbour.end().verdict()).isNull();
  }

  private Recording run(String script, ProcessLimits limits) {
    Recording recording = new Recording();
    runner.start(Specs.script(directory, script).build().limited(limits), recording);
    return recording.awaitEnd();
  }

  private interface Admission {
    void admit(int pid) throws IOException;
  }

  private static Gate gate(Admission admission) {
    return new Gate() {
      @Override
      public void prepare() {}

      @Override
      public boolean waits() {
        return true;
      }

      @Override
      public void admit(int pid) throws IOException {
        admission.admit(pid);
      }

      @Override
      public @Nullable Outcome judge() {
        return null;
      }

      @Override
      public void kill() {}
    };
  }
}
