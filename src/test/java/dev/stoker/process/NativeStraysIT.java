package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tree dies whole, whatever it does to escape, and nobody else's does. */
final class NativeStraysIT extends RunnerFixture {
  private static final Duration KILLED_WITHIN = Duration.ofSeconds(1);

  @TempDir Path neighbourDirectory;

  /** A time to sleep that nobody else sleeps for: by it the test finds its own processes. */
  private String unique = "";

  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.NATIVE;
  }

  @BeforeEach
  void chooseUnique() {
    unique = "1000." + ThreadLocalRandom.current().nextInt(100_000_000, 1_000_000_000);
  }

  @Test
  void shouldLeaveNothingAliveOfATreeThatDoesAllToSurvive() {
    Recording run = new Recording();
    Specs specs =
        Specs.script(
                directory,
                """
                trap '' TERM HUP
                (setsid sh -c "trap '' TERM HUP; (setsid sleep $1 &); sleep $1; sleep $1" &)
                setsid -f sh -c "trap '' TERM; sleep $1; sleep $1"
                sleep $1 &
                echo ready
                while :; do sleep 0.05; done
                """,
                unique)
            .withGrace(Duration.ofMillis(200));
    RunningProcess process = runner.start(specs.build(), run);
    await().until(() -> run.stdout().equals("ready\n") && sleepers().size() >= 4);
    long stoppedNanos = System.nanoTime();

    process.stop();

    run.awaitEnd();
    assertThat(sleepers()).isEmpty();
    assertThat(ProcessSigns.withEnvironment(specs.mark())).isEmpty();
    assertThat(ProcessSigns.zombies()).isEmpty();
    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
    assertThat(run.end().strays()).isGreaterThanOrEqualTo(4);
    assertThat(run.end().stdoutCut()).isFalse();
    assertThat(Duration.ofNanos(run.endedNanos() - stoppedNanos))
        .isLessThan(specs.grace().plus(KILLED_WITHIN));
  }

  /** As where Stoker is the first process of a container, and somebody has a shell in it. */
  @Test
  void shouldReapOrphansOfOthersThoughNothingRuns() throws Exception {
    new ProcessBuilder("sh", "-c", "(sleep 0.2 &)").start().waitFor();
    await().until(() -> !ProcessSigns.zombies().isEmpty());

    await().atMost(Duration.ofSeconds(30)).until(() -> ProcessSigns.zombies().isEmpty());
  }

  @Test
  void shouldKillWhatIsLeftWhenTheMainProcessEndsByItself() {
    Recording run =
        run(Specs.script(directory, "sleep $1 & setsid -f sleep $1; echo out; exit 3", unique));

    assertThat(run.exit()).isEqualTo(new Exit.Code(3));
    assertThat(run.stdout()).isEqualTo("out\n");
    assertThat(run.end().strays()).isEqualTo(2);
    assertThat(sleepers()).isEmpty();
    assertThat(ProcessSigns.zombies()).isEmpty();
  }

  @Test
  void shouldKillAStrayThatHidesWhoseItIsButNotANeighbours() {
    Recording neighbour = new Recording();
    Recording hidden = new Recording();
    RunningProcess neighbourProcess =
        runner.start(
            Specs.script(
                    neighbourDirectory,
                    """
                    setsid -f sleep $1
                    setsid -f env -i /bin/sleep $1
                    setsid -f env -i /bin/sleep $1 >/dev/null 2>&1
                    cd / && setsid -f env -i /bin/sleep $1 2>/dev/null
                    echo ready
                    sleep $1
                    """,
                    unique)
                .build(),
            neighbour);
    await().until(() -> neighbour.stdout().equals("ready\n") && sleepers().size() == 5);
    String other = unique + "1";

    runner.start(
        Specs.script(
                directory,
                """
                setsid -f env -i /bin/sleep $1
                setsid -f env -i /bin/sleep $1 >/dev/null 2>&1
                cd / && setsid -f env -i /bin/sleep $1 >/dev/null 2>&1
                """,
                other)
            .build(),
        hidden);

    hidden.awaitEnd();
    assertThat(ProcessSigns.withCommand(other)).isEmpty();
    assertThat(hidden.end().strays()).isEqualTo(3);
    assertThat(sleepers()).hasSize(5);

    neighbourProcess.kill();
    neighbour.awaitEnd();
    assertThat(sleepers()).isEmpty();
    assertThat(ProcessSigns.zombies()).isEmpty();
  }

  @Test
  void shouldKillAHundredsOfDescendantsInManySessions() {
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(
                    directory,
                    """
                    i=0
                    while [ $i -lt 200 ]; do
                      if [ $((i % 2)) = 0 ]; then setsid -f sleep $1; else sleep $1 & fi
                      i=$((i+1))
                    done
                    echo ready
                    sleep $1
                    """,
                    unique)
                .build(),
            run);
    await().until(() -> run.stdout().equals("ready\n") && sleepers().size() == 201);

    process.kill();

    run.awaitEnd();
    assertThat(sleepers()).isEmpty();
    assertThat(ProcessSigns.zombies()).isEmpty();
  }

  @Test
  void shouldCatchARelayOfProcessesThatForkAndExit() throws Exception {
    Path relay =
        Files.writeString(
            directory.resolve("relay-" + unique),
            "#!/bin/sh\n[ $1 = 0 ] && exit\nsleep 0.003\nsetsid \"$0\" $(($1 - 1)) &\n");
    assertThat(relay.toFile().setExecutable(true)).isTrue();
    Recording run = new Recording();

    // Bounded, so that a failure of this test does not run for ever.
    runner.start(Specs.script(directory, "\"$1\" 3000 & sleep 0.3", relay.toString()).build(), run);

    run.awaitEnd();
    assertThat(ProcessSigns.withCommand(relay.toString())).isEmpty();
    assertThat(run.end().strays()).isPositive();
  }

  @Test
  void shouldReapOrphansThatDieWhileTheRunGoesOn() {
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(directory, "setsid -f sleep 0.01; echo ready; sleep $1", unique).build(),
            run);
    await().until(() -> run.stdout().equals("ready\n"));

    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(3))
        .until(() -> ProcessSigns.zombies().isEmpty());

    process.kill();
    run.awaitEnd();
  }

  @Test
  void shouldGiveUpAnOutputThatSomebodyElseHolds() throws Exception {
    Duration drain = Duration.ofMillis(300);
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(directory, "echo ready; sleep $1", unique).withDrain(drain).build(), run);
    await().until(() -> run.stdout().equals("ready\n"));
    // Not of the tree: a child of the test's own thread, which no run can claim.
    Process holder =
        new ProcessBuilder(
                "sh", "-c", "exec 9>/proc/" + run.pid() + "/fd/1; echo held; exec sleep 30")
            .start();
    assertThat(holder.inputReader().readLine()).isEqualTo("held");
    long killedNanos = System.nanoTime();

    process.kill();

    run.awaitEnd();
    assertThat(run.end().stdoutCut()).isTrue();
    assertThat(run.end().stderrCut()).isFalse();
    assertThat(Duration.ofNanos(run.endedNanos() - killedNanos))
        .isBetween(drain, drain.plus(KILLED_WITHIN));
    assertThat(holder.isAlive()).isTrue();
    holder.destroyForcibly().waitFor();
  }

  @Test
  void shouldLetAStoppedGroupHearOfTheStop() {
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(directory, "trap 'echo bye; exit 4' TERM; echo ready; kill -STOP 0; :")
                .withGrace(Duration.ofSeconds(20))
                .build(),
            run);
    await()
        .until(() -> ProcessSigns.read(Path.of("/proc/" + run.pid() + "/stat")).contains(") T "));

    process.stop();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(new Exit.Code(4));
    assertThat(run.stdout()).isEqualTo("ready\nbye\n");
  }

  @Test
  void shouldStartWithDefaultSignalsInASessionOfItsOwn() {
    Recording run =
        run(
            Specs.script(
                directory, "grep -E '^Sig(Blk|Ign)' /proc/self/status; cat /proc/$$/stat"));

    String none = "0000000000000000";
    assertThat(run.stdout()).contains("SigBlk:\t" + none + "\nSigIgn:\t" + none + "\n");
    ProcFs.Stat stat = ProcFs.Stat.parse(run.stdout().lines().toList().getLast());
    assertThat(stat.group()).isEqualTo((int) run.pid());
    assertThat(stat.session()).isEqualTo((int) run.pid());
    assertThat(stat.parent()).isEqualTo((int) ProcessHandle.current().pid());
  }

  @Test
  void shouldNotRunATextAsAScriptThatDoesNotSayWhose() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "echo not a script\n");
    assertThat(text.toFile().setExecutable(true)).isTrue();

    Recording run = run(Specs.program(directory, text.toString(), List.of("text")));

    assertThat(run.failure())
        .isEqualTo(
            new StartFailure(
                8,
                "cannot start 'text': it is not a program of this machine, nor a script with a #!"
                    + " line"));
  }

  private List<String> sleepers() {
    // A shell has the time in its command line, too: those that sleep are called so.
    return ProcessSigns.withCommand(unique + "\0").stream()
        .filter(line -> line.contains(" sleep ") || line.contains("/sleep "))
        .filter(line -> !line.contains(" -c "))
        .toList();
  }
}
