package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.Exit;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Nothing is left of a run, however many there are. */
final class NativeLeakIT extends RunnerFixture {
  private static final int RUNS = 5_000;
  private static final int IN_FLIGHT = 16;

  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.NATIVE;
  }

  @Test
  void shouldLeakNothingInThousandsOfRuns() throws Exception {
    Specs right = Specs.program(directory, "/bin/true", List.of("true"));
    Specs wrong = Specs.program(directory, "/no/such/program", List.of("none"));
    Specs fed = right.with(new StdinSource.Bytes(new byte[100_000]));
    runMany(100, right, wrong, fed);
    long descriptorsBefore = ProcessSigns.descriptors();
    List<String> threadsBefore = ours(ProcessSigns.threads());

    int ended = runMany(RUNS, right, wrong, fed);

    assertThat(ended).isEqualTo(RUNS - (RUNS + 9) / 10);
    assertThat(ProcessSigns.zombies()).isEmpty();
    assertThat(runner.active()).isZero();
    assertThat(ours(ProcessSigns.threads())).isEqualTo(threadsBefore);
    // Others of this JVM (the test framework, class loading) may hold some for a moment.
    await().until(() -> ProcessSigns.descriptors() <= descriptorsBefore);
  }

  @Test
  void shouldGiveBackItsThreadsAndDescriptorsWhenClosed() {
    // Once before it counts: what is loaded the first time opens its jar.
    openRunAndClose();
    long descriptorsBefore = ProcessSigns.descriptors();
    int threadsBefore = ours(ProcessSigns.threads()).size();

    for (int i = 0; i < 20; i++) {
      openRunAndClose();
    }

    await().until(() -> ProcessSigns.descriptors() <= descriptorsBefore);
    await().until(() -> ours(ProcessSigns.threads()).size() <= threadsBefore);
  }

  private void openRunAndClose() {
    ProcessRunner other = ProcessRunner.open(new ProcessSettings(3, engine()));
    Recording run = new Recording();
    other.start(Specs.script(directory, "sleep 100").build(), run);
    run.awaitStarted();
    other.close();
    assertThat(run.over()).isTrue();
  }

  @Test
  void shouldNotStartWhatWasStoppedWhileItWaited() {
    try (ProcessRunner narrow = ProcessRunner.open(new ProcessSettings(1, engine()))) {
      Holding first = new Holding();
      Recording second = new Recording();
      narrow.start(Specs.script(directory, "true").build(), first);
      first.awaitStarted();
      RunningProcess waiting = narrow.start(Specs.script(directory, "true").build(), second);

      waiting.stop();

      first.letGo();
      second.awaitEnd();
      assertThat(second.failure())
          .isEqualTo(new StartFailure(0, "cannot start 'sh': stopped before it started"));
      first.awaitEnd();
      assertThat(first.exit()).isEqualTo(new Exit.Code(0));
    }
  }

  @Test
  void shouldKillWhatIsStoppedInTheMomentItStarts() {
    try (ProcessRunner narrow = ProcessRunner.open(new ProcessSettings(1, engine()))) {
      Holding run = new Holding();
      RunningProcess process = narrow.start(Specs.script(directory, "sleep 100").build(), run);
      run.awaitStarted();

      process.stop();

      run.letGo();
      run.awaitEnd();
      assertThat(run.exit()).isInstanceOf(Exit.Signal.class);
    }
  }

  @Test
  void shouldSayThatThereAreNoDescriptorsAndLeakNone() throws Exception {
    Specs specs = Specs.program(directory, "/bin/true", List.of("true"));
    List<FileInputStream> all = new ArrayList<>();
    List<Object> ends = new ArrayList<>();
    // What the runner does then must not need to be loaded when there are no descriptors.
    run(Specs.program(directory, "/no/such/program", List.of("none"))).failure();
    run(specs).end();
    assumeThat(descriptorsMax()).isLessThan(100_000);
    try {
      takeAllDescriptors(all);
      // Two pipes and a pidfd are five; epoll and eventfd are there already.
      for (int free = 0; free <= 5; free++) {
        Recording run = new Recording();
        runner.start(specs.build(), run);
        run.awaitEnd();
        ends.add(run.started() ? run.exit() : run.failure());
        all.removeLast().close();
      }
    } finally {
      for (FileInputStream one : all) {
        one.close();
      }
    }

    StartFailure none =
        new StartFailure(24, "cannot start 'true': the service has no more descriptors");
    assertThat(ends).containsExactly(none, none, none, none, none, new Exit.Code(0));
    assertThat(ProcessSigns.zombies()).isEmpty();
  }

  private static int descriptorsMax() {
    return ProcessSigns.read(Path.of("/proc/self/limits"))
        .lines()
        .filter(line -> line.startsWith("Max open files"))
        .mapToInt(line -> Integer.parseInt(line.split(" +", -1)[3]))
        .findFirst()
        .orElseThrow();
  }

  private static void takeAllDescriptors(List<FileInputStream> all) {
    try {
      for (int i = 0; i < 100_000; i++) {
        all.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("Too many open files");
    }
  }

  /** Every tenth cannot start, every seventh does not read its input. */
  private int runMany(int runs, Specs right, Specs wrong, Specs fed) throws InterruptedException {
    Semaphore slots = new Semaphore(IN_FLIGHT);
    AtomicInteger ended = new AtomicInteger();
    for (int i = 0; i < runs; i++) {
      slots.acquire();
      Specs specs = i % 10 == 0 ? wrong : i % 7 == 0 ? fed : right;
      runner.start(
          specs.build(),
          new Recording() {
            @Override
            public void onEnded(ProcessEnd end) {
              if (end.exit().equals(new Exit.Code(0)) && end.strays() == 0) {
                ended.incrementAndGet();
              }
              slots.release();
            }

            @Override
            public void onStartFailed(StartFailure failure) {
              slots.release();
            }
          });
    }
    assertThat(slots.tryAcquire(IN_FLIGHT, 30, TimeUnit.SECONDS)).isTrue();
    return ended.get();
  }

  private static List<String> ours(List<String> threads) {
    return threads.stream().filter(name -> name.startsWith("stoker-")).sorted().toList();
  }

  /** One that holds its starting thread until it is let go. */
  private static final class Holding extends Recording {
    private final CountDownLatch hold = new CountDownLatch(1);

    @Override
    public void onStarted(long pid) {
      super.onStarted(pid);
      try {
        assertThat(hold.await(10, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void letGo() {
      hold.countDown();
    }
  }
}
