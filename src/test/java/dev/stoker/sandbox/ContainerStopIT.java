package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.ProcessSpec;
import dev.stoker.process.Recording;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import dev.stoker.tool.ToolDefinition.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a container ends: everything in it, whatever it does. */
class ContainerStopIT extends ContainerFixture {
  private static final Duration SLACK = Duration.ofSeconds(1);

  @Test
  void shouldLetAProgramEndByItselfOnStop() {
    ProcessSpec spec =
        script("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    Recording run = new Recording();
    RunningProcess process = start(spec, run);
    await().until(() -> run.stdout().equals("ready\n"));

    process.stop();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(new Exit.Code(7));
    assertThat(run.stdout()).isEqualTo("ready\nbye\n");
    assertThat(marked(spec)).isEmpty();
  }

  @Test
  void shouldTellThatAProgramDiedOfTerm() {
    Recording run = new Recording();
    RunningProcess process = start(script("echo ready; exec sleep 100"), run);
    await().until(() -> run.stdout().equals("ready\n"));

    process.stop();

    assertThat(run.awaitEnd().exit()).isEqualTo(Signals.byName("SIGTERM"));
  }

  @Test
  void shouldKillAProgramThatIgnoresTermWhenItsGraceHasPassed() {
    Duration grace = Duration.ofMillis(400);
    ProcessSpec spec =
        script(grace, "trap '' TERM; echo ready; kill -STOP 0; while :; do sleep 0.05; done");
    Recording run = new Recording();
    RunningProcess process = start(spec, run);
    await().until(() -> run.stdout().equals("ready\n"));
    long stoppedNanos = System.nanoTime();

    process.stop();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
    assertThat(Duration.ofNanos(run.endedNanos() - stoppedNanos))
        .isBetween(grace, grace.plus(SLACK));
    assertThat(marked(spec)).isEmpty();
  }

  @Test
  void shouldEndWhicheverMomentItIsStoppedAt() {
    for (int micros = 0; micros < 12_000; micros += 400) {
      ProcessSpec spec = script("exec sleep 100");
      Recording run = new Recording();
      RunningProcess process = start(spec, run);
      run.awaitStarted();
      long until = System.nanoTime() + micros * 1000L;
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }

      process.stop();

      run.awaitEnd();
      assertThat(run.exit()).isEqualTo(Signals.byName("SIGTERM"));
      assertThat(run.end().verdict()).isNull();
      assertThat(marked(spec)).isEmpty();
    }
  }

  @Test
  void shouldKillAtOnce() {
    ProcessSpec spec = script("trap '' TERM; setsid sleep 100 & echo ready; exec sleep 100");
    Recording run = new Recording();
    RunningProcess process = start(spec, run);
    await().until(() -> run.stdout().equals("ready\n"));

    process.kill();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
    assertThat(marked(spec)).isEmpty();
  }

  @Test
  void shouldTakeEverythingAlongThatItHasLeftBehind() {
    ProcessSpec spec =
        script(
            """
            i=0; while [ $i -lt 30 ]; do i=$((i+1)); setsid sh -c 'sleep 100 & sleep 100' & done
            (setsid setsid env -i sleep 100 &) </dev/null >/dev/null 2>&1
            echo started
            """);

    Recording run = run(spec);

    assertThat(run.stdout()).isEqualTo("started\n");
    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
    assertThat(marked(spec)).isEmpty();
    assertThat(sleeping()).isEmpty();
  }

  private RunningProcess start(ProcessSpec spec, Recording run) {
    return runner.start(bubblewrap.wrap(policy(Network.NONE), spec), run);
  }

  /** Those of this test: it alone sleeps so long, and they were started by this user. */
  private static Stream<ProcessHandle> sleeping() {
    return ProcessHandle.current().descendants();
  }

  private static Stream<ProcessHandle> marked(ProcessSpec spec) {
    String mark = "STOKER_RUN=" + spec.mark() + "\0";
    return ProcessHandle.allProcesses()
        .filter(
            process -> {
              try {
                return Files.readString(
                        Path.of("/proc/" + process.pid() + "/environ"),
                        java.nio.charset.StandardCharsets.ISO_8859_1)
                    .contains(mark);
              } catch (java.io.IOException e) {
                return false;
              }
            });
  }
}
