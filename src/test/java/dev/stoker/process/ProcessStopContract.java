package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import dev.stoker.run.StdStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What every runner promises of stopping, killing and pausing. */
abstract class ProcessStopContract extends RunnerFixture {
  private static final Duration SLACK = Duration.ofSeconds(1);

  @Test
  void shouldLetAToolEndByItselfOnStop() {
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(
                    directory,
                    "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done")
                .build(),
            run);
    await().until(() -> run.stdout().equals("ready\n"));

    process.stop();
    process.stop();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(new Exit.Code(7));
    assertThat(run.stdout()).isEqualTo("ready\nbye\n");
  }

  @Test
  void shouldKillAToolThatIgnoresTermWhenItsGraceHasPassed() {
    Duration grace = Duration.ofMillis(400);
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(directory, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
                .withGrace(grace)
                .build(),
            run);
    await().until(() -> run.stdout().equals("ready\n"));
    long stoppedNanos = System.nanoTime();

    process.stop();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
    assertThat(Duration.ofNanos(run.endedNanos() - stoppedNanos))
        .isBetween(grace, grace.plus(SLACK));
  }

  @Test
  void shouldKillAtOnceEvenWhileItIsStopping() {
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(directory, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
                .withGrace(Duration.ofMinutes(5))
                .build(),
            run);
    await().until(() -> run.stdout().equals("ready\n"));
    process.stop();
    long killedNanos = System.nanoTime();

    process.kill();

    run.awaitEnd();
    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
    assertThat(Duration.ofNanos(run.endedNanos() - killedNanos)).isLessThan(SLACK);
    process.kill();
    process.stop();
  }

  @Test
  void shouldEndAToolThatHasStoppedItsOwnGroup() {
    Duration grace = Duration.ofMillis(300);
    Recording run = new Recording();
    RunningProcess process =
        runner.start(
            Specs.script(directory, "trap '' TERM; echo ready; kill -STOP $$")
                .withGrace(grace)
                .build(),
            run);
    await().until(() -> run.stdout().equals("ready\n"));
    long stoppedNanos = System.nanoTime();

    process.stop();

    run.awaitEnd();
    assertThat(Duration.ofNanos(run.endedNanos() - stoppedNanos)).isLessThan(grace.plus(SLACK));
  }

  @Test
  void shouldNotWaitForAGrandchildThatHoldsTheOutput() {
    long startedNanos = System.nanoTime();

    Recording run = run(Specs.script(directory, "sleep 3 & echo hi"));

    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
    assertThat(run.stdout()).isEqualTo("hi\n");
    assertThat(Duration.ofNanos(run.endedNanos() - startedNanos))
        .isLessThan(Duration.ofMillis(250).plus(SLACK));
  }

  @Test
  void shouldDeliverAHundredMegabytesToASlowReaderWithoutKeepingThem() {
    AtomicLong total = new AtomicLong();
    AtomicBoolean paused = new AtomicBoolean();
    AtomicBoolean overrun = new AtomicBoolean();
    Recording run =
        new Recording() {
          @Override
          public Flow take(StdStream stream, ByteBuffer chunk) {
            overrun.compareAndSet(false, paused.get() || chunk.remaining() > 65_536);
            long before = total.get() >> 20;
            boolean pause = total.addAndGet(chunk.remaining()) >> 20 != before;
            paused.set(pause);
            return pause ? Flow.PAUSE : Flow.CONTINUE;
          }
        };
    RunningProcess process =
        runner.start(Specs.script(directory, "head -c 100000000 /dev/zero").build(), run);

    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              if (paused.getAndSet(false)) {
                process.resume(StdStream.STDOUT);
              }
              return run.over();
            });

    run.awaitEnd();
    assertThat(total).hasValue(100_000_000);
    assertThat(overrun).isFalse();
    assertThat(run.end().stdoutCut()).isFalse();
  }

  @Test
  void shouldDeliverTheRestOfAPausedStreamAfterTheExit() {
    Recording run =
        new Recording() {
          @Override
          public Flow take(StdStream stream, ByteBuffer chunk) {
            super.take(stream, chunk);
            return stream == StdStream.STDOUT && stdout().equals("a") ? Flow.PAUSE : Flow.CONTINUE;
          }
        };
    RunningProcess process =
        runner.start(
            Specs.script(directory, "printf a; sleep 0.2; printf b; echo end >&2")
                .withDrain(Duration.ofMillis(50))
                .build(),
            run);
    await().until(() -> run.stderr().equals("end\n"));
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(2))
        .until(() -> !run.over() && run.stdout().equals("a"));

    process.resume(StdStream.STDOUT);

    run.awaitEnd();
    assertThat(run.stdout()).isEqualTo("ab");
    assertThat(run.end().stdoutCut()).isFalse();
  }

  @Test
  void shouldKillAProcessWhoseListenerFails() {
    Recording run =
        new Recording() {
          @Override
          public Flow take(StdStream stream, ByteBuffer chunk) {
            throw new IllegalStateException("a defect, on purpose");
          }
        };
    runner.start(Specs.script(directory, "echo hi; exec sleep 100").build(), run);

    run.awaitEnd();

    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
  }

  @Test
  void shouldEndEverythingWhenItIsClosed() {
    ProcessRunner closing = ProcessRunner.open(new ProcessSettings(2, engine()));
    Recording run = new Recording();
    closing.start(Specs.script(directory, "trap '' TERM; sleep 100; :").build(), run);
    run.awaitStarted();

    closing.close();

    assertThat(run.exit()).isEqualTo(Signals.byName("SIGKILL"));
    assertThat(closing.active()).isZero();
    assertThat(ProcessHandle.of(run.pid())).isEmpty();
  }
}
