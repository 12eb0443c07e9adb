package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.key;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.running;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.ledger.LiveRuns.Taken;
import dev.stoker.ledger.WriteQueue.Write;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LiveRunsTest {
  private static final long FOREVER = Long.MAX_VALUE;
  private static final Duration LONG = Duration.ofHours(1);

  private final LiveRuns live = new LiveRuns(10, LONG);
  private final List<String> answers = new ArrayList<>();

  @Test
  void shouldWriteAtOnceWhatSomebodyWaitsForAndLeaveTheRest() throws InterruptedException {
    Command waiting = added(Delivery.WAIT);
    Command durable = added(Delivery.DETACHED);

    assertThat(live.takeDue(FOREVER)).extracting(Write::command).containsExactly(durable);
    assertThat(live.find(waiting.id())).isPresent();
  }

  @Test
  void shouldTakeEndedRunsAlongButNotThoseThatWillChange() throws InterruptedException {
    Command running = added(Delivery.WAIT);
    Command ended = added(Delivery.STREAM);
    live.update(ended, succeeded(ended), null);
    Command durable = added(Delivery.DETACHED);

    assertThat(live.takeDue(FOREVER)).extracting(Write::command).containsExactly(ended, durable);
    assertThat(live.find(running.id())).isPresent();
  }

  @Test
  void shouldMakeOneWriteOfManyOfOneRun() throws InterruptedException {
    Command command = added(Delivery.DETACHED);
    live.update(command, running(command), answer("running"));
    live.update(command, succeeded(command), answer("ended"));

    List<Write> due = live.takeDue(FOREVER);
    settle(due, new Fate.Written());

    assertThat(due).hasSize(1);
    assertThat(due.getFirst().record().state().isTerminal()).isTrue();
    assertThat(answers).containsExactly("accepted written", "running written", "ended written");
    assertThat(live.find(command.id())).isEmpty();
  }

  @Test
  void shouldLetWhoAsksAgainForAnEndWaitUntilItIsWritten() throws InterruptedException {
    Command command = added(Delivery.DETACHED);
    settle(live.takeDue(FOREVER), new Fate.Written());
    live.update(command, succeeded(command), answer("ended"));

    assertThat(live.update(command, succeeded(command), answer("ended again")))
        .isEqualTo(LiveRuns.Taken.WAITS);
    assertThat(answers).containsExactly("accepted written");

    settle(live.takeDue(FOREVER), new Fate.Fenced());
    assertThat(answers).containsExactly("accepted written", "ended fenced", "ended again fenced");
  }

  @Test
  void shouldAnswerOnlyForWhatWasWritten() throws InterruptedException {
    Command command = added(Delivery.DETACHED);
    List<Write> first = live.takeDue(FOREVER);
    live.update(command, succeeded(command), answer("ended"));

    settle(first, new Fate.Written());
    assertThat(answers).containsExactly("accepted written");
    assertThat(live.find(command.id())).isPresent();

    settle(live.takeDue(FOREVER), new Fate.Written());
    assertThat(answers).containsExactly("accepted written", "ended written");
    assertThat(live.find(command.id())).isEmpty();
  }

  @Test
  void shouldWriteOthersWhileDurableRunsCannotBe() throws InterruptedException {
    Command durable = added(Delivery.DETACHED);
    settle(live.takeDue(FOREVER), new Fate.Written());
    live.update(durable, succeeded(durable), answer("ended"));
    live.takeDue(FOREVER);
    live.failed(WriteQueues.Scope.DURABLE, LONG).forEach(LiveRun.Told::tell);
    Command waiting = added(Delivery.WAIT);
    live.update(waiting, succeeded(waiting), null);

    assertThat(live.takeDue(1)).isEmpty();
    live.close();
    assertThat(live.isOver(true, false)).isFalse();
    assertThat(live.takeDue(FOREVER)).extracting(Write::command).containsExactly(waiting, durable);
    assertThat(answers).containsExactly("accepted written", "ended failed");
  }

  @Test
  void shouldCountDurableRunsAndOthersApart() {
    for (int i = 0; i < 10; i++) {
      added(Delivery.DETACHED);
    }
    Command eleventh = command("echo", Delivery.DETACHED);
    Command waiting = command("echo", Delivery.WAIT);

    assertThat(live.add(eleventh, queued(eleventh), answer("full"))).isEqualTo(Taken.FULL);
    assertThat(live.add(waiting, queued(waiting), null)).isEqualTo(Taken.DONE);
  }

  @Test
  void shouldWriteAgainWhatIsNotWhereItWasWritten() throws InterruptedException {
    Command there = added(Delivery.DETACHED);
    Command lost = added(Delivery.DETACHED);
    LiveRuns soon = new LiveRuns(10, Duration.ZERO);
    soon.add(there, queued(there), answer("there"));
    soon.add(lost, queued(lost), answer("lost"));
    List<Write> due = soon.takeDue(FOREVER);
    soon.settled(due, due.stream().<Fate>map(write -> new Fate.Written()).toList());

    soon.writeAgain(Set.of(there.id().toString()));

    assertThat(soon.takeDue(FOREVER)).extracting(Write::command).containsExactly(lost);
  }

  @Test
  void shouldForgetADurableRunThatCouldNotBeWritten() throws InterruptedException {
    Command command = command("echo", Delivery.DETACHED, key("k", "same"));
    live.add(command, queued(command), answer("accepted"));

    live.takeDue(FOREVER);
    live.failed(WriteQueues.Scope.ALL, Duration.ZERO).forEach(LiveRun.Told::tell);

    assertThat(answers).containsExactly("accepted failed");
    assertThat(live.find(command.id())).isEmpty();
    assertThat(live.seek(keyOf(command))).isInstanceOf(KeyHolder.Seek.class);
  }

  @Test
  void shouldWriteAgainWhatItKeepsAfterAFailure() throws InterruptedException {
    LiveRuns soon = new LiveRuns(10, Duration.ZERO);
    Command command = command("echo", Delivery.WAIT);
    soon.add(command, queued(command), null);

    soon.takeDue(FOREVER);
    soon.failed(WriteQueues.Scope.ALL, Duration.ofMillis(1));

    assertThat(soon.find(command.id())).isPresent();
    assertThat(soon.takeDue(FOREVER)).extracting(Write::command).containsExactly(command);
  }

  @Test
  void shouldRefuseMoreThanMayWaitButNotTheEndOfARun() {
    List<Command> accepted = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      accepted.add(added(Delivery.WAIT));
    }
    Command more = command("echo", Delivery.WAIT);

    assertThat(live.add(more, queued(more), null)).isEqualTo(Taken.FULL);
    Command first = accepted.getFirst();
    assertThat(live.update(first, succeeded(first), null)).isEqualTo(Taken.DONE);
    assertThat(live.find(first.id()).orElseThrow().state().isTerminal()).isTrue();
  }

  @Test
  void shouldTellWhoHoldsAKey() {
    Command command = command("echo", Delivery.WAIT, key("k", "same"));

    KeyHolder first = live.seek(keyOf(command));
    KeyHolder second = live.seek(keyOf(command));
    live.add(command, queued(command), null);
    live.sought(keyOf(command));

    assertThat(first).isInstanceOf(KeyHolder.Seek.class);
    assertThat(second).isInstanceOf(KeyHolder.Sought.class);
    assertThat(live.seek(keyOf(command)))
        .isEqualTo(new KeyHolder.Held(command.id(), LedgerFixture.digest("same")));
  }

  @Test
  void shouldLetNobodyWaitForAnEndedRunToChange() {
    Command command = added(Delivery.WAIT);
    live.update(command, succeeded(command), null);

    assertThat(live.update(command, running(command), answer("late"))).isEqualTo(Taken.DONE);
    assertThat(live.find(command.id()).orElseThrow().state().isTerminal()).isTrue();
  }

  @Test
  void shouldForgetARunThatIsAnothersAndSayWhich() throws InterruptedException {
    Command command = added(Delivery.DETACHED);
    live.update(command, running(command), answer("running"));

    assertThat(settle(live.takeDue(FOREVER), new Fate.Fenced())).containsExactly(command.id());

    assertThat(answers).containsExactly("accepted fenced", "running fenced");
    assertThat(live.holds(command.id())).isFalse();
  }

  @Test
  void shouldForgetARunWhoseKeyIsAnothers() throws InterruptedException {
    Command command = command("echo", Delivery.DETACHED, key("k", "same"));
    live.add(command, queued(command), answer("accepted"));
    var other = new RunReader.KeyedRun(RunId.next(), LedgerFixture.digest("same"));

    assertThat(settle(live.takeDue(FOREVER), new Fate.KeyTaken(other))).isEmpty();

    assertThat(answers).containsExactly("accepted has another's key");
    assertThat(live.holds(command.id())).isFalse();
  }

  @Test
  void shouldForgetARunThatIsGivenUpOnceThatIsWritten() throws InterruptedException {
    Command command = added(Delivery.DETACHED);
    settle(live.takeDue(FOREVER), new Fate.Written());
    live.leave(command.id(), answer("leave"));

    List<Write> due = live.takeDue(FOREVER);
    assertThat(due).extracting(Write::isLeaving).containsExactly(true);
    settle(due, new Fate.Written());

    assertThat(answers).containsExactly("accepted written", "leave written");
    assertThat(live.holds(command.id())).isFalse();
  }

  @Test
  void shouldKeepARunThatCouldNotBeGivenUp() throws InterruptedException {
    Command command = added(Delivery.DETACHED);
    settle(live.takeDue(FOREVER), new Fate.Written());
    live.leave(command.id(), answer("leave"));

    live.takeDue(FOREVER);
    live.failed(WriteQueues.Scope.ALL, Duration.ZERO).forEach(LiveRun.Told::tell);

    assertThat(answers).containsExactly("accepted written", "leave failed");
    assertThat(live.holds(command.id())).isTrue();
    live.update(command, running(command), answer("running"));
    assertThat(live.takeDue(FOREVER)).extracting(Write::isLeaving).containsExactly(false);
  }

  @Test
  void shouldReturnWithNothingWhenNothingIsDueInTime() throws InterruptedException {
    added(Delivery.WAIT);

    assertThat(live.takeDue(1)).isEmpty();
  }

  @Test
  void shouldGiveOutEverythingWhenItCloses() throws InterruptedException {
    Command waiting = added(Delivery.WAIT);
    live.close();

    List<Write> due = live.takeDue(FOREVER);

    assertThat(due).extracting(Write::command).containsExactly(waiting);
    assertThat(live.isOver(true, true)).isFalse();
    assertThat(live.isOver(false, true)).isTrue();
    settle(due, new Fate.Written());
    assertThat(live.isOver(true, true)).isTrue();
    assertThat(live.takeDue(FOREVER)).isEmpty();
    Command late = command("echo", Delivery.WAIT);
    assertThat(live.add(late, queued(late), null)).isEqualTo(Taken.CLOSED);
  }

  @Test
  void shouldReturnWithNothingWhenItIsNudged() throws InterruptedException {
    added(Delivery.WAIT);

    live.nudge();

    assertThat(live.takeDue(FOREVER)).isEmpty();
  }

  private Command added(Delivery delivery) {
    Command command = command("echo", delivery);
    boolean durable = delivery == Delivery.DETACHED;
    Taken taken = live.add(command, queued(command), durable ? answer("accepted") : null);
    assertThat(taken).isEqualTo(durable ? Taken.WAITS : Taken.DONE);
    return command;
  }

  private static KeyName keyOf(Command command) {
    return Objects.requireNonNull(KeyName.of(command));
  }

  private LiveRun.Answer answer(String what) {
    return fate ->
        answers.add(
            what
                + switch (fate) {
                  case Fate.Written() -> " written";
                  case Fate.Failed() -> " failed";
                  case Fate.Fenced() -> " fenced";
                  case Fate.KeyTaken(RunReader.KeyedRun _) -> " has another's key";
                });
  }

  private List<RunId> settle(List<Write> due, Fate fate) {
    LiveRuns.Settled settled = live.settled(due, Collections.nCopies(due.size(), fate));
    settled.answers().forEach(LiveRun.Told::tell);
    return settled.taken();
  }
}
