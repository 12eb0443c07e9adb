package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.key;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster without a shared store: Hazelcast members, each with a SQLite file of its own. */
@Tag("patient")
class GridLedgerIT {
  /** A step that hangs, one that was under way, and a slow machine. */
  private static final Duration BOUND = GridMaps.PATIENCE.multipliedBy(4);

  @TempDir private Path directory;
  private final Grids grids = new Grids();
  private LedgerFixture a;
  private LedgerFixture b;

  @BeforeEach
  void open() throws IOException {
    a = join("a", 1);
    b = join("b", 1);
    Grids.awaitHealthy(a, b);
  }

  @AfterEach
  void close() {
    grids.close();
  }

  private LedgerFixture join(String name, long epoch) throws IOException {
    return grids.join(directory, new NodeId(name, epoch), 2);
  }

  @Test
  void shouldLoseNothingWithTheNodeThatTookIt() throws IOException {
    List<RunId> accepted = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      accepted.add(a.accept(command("echo", Delivery.DETACHED)).id());
    }
    LedgerFixture c = join("c", 1);
    NodeId gone = a.self();
    Grids.awaitHealthy(c);
    grids.kill(a);
    Set<NodeId> present = Set.of(b.self(), c.self());
    Awaitility.await()
        .untilAsserted(() -> assertThat(await(b.ledger.orphaned(present))).containsExactly(gone));

    List<RunId> taken = new CopyOnWriteArrayList<>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Object>> survivors = new ArrayList<>();
      for (Ledger ledger : List.of(b.ledger, c.ledger, b.ledger, c.ledger)) {
        survivors.add(Executors.callable(() -> takeAll(ledger, gone, taken)));
      }
      for (var survivor : threads.invokeAll(survivors)) {
        survivor.get();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }

    assertThat(taken).containsExactlyInAnyOrderElementsOf(accepted);
    assertThat(await(c.ledger.orphaned(present))).isEmpty();
  }

  private static void takeAll(Ledger ledger, NodeId from, List<RunId> taken) {
    List<Ledger.Unfinished> some = await(ledger.takeOver(from, 7));
    while (!some.isEmpty()) {
      some.forEach(run -> taken.add(run.command().id()));
      some = await(ledger.takeOver(from, 7));
    }
  }

  @Test
  void shouldRefuseWhatTheFormerHomeWrites() {
    Command command = a.accept(command("echo", Delivery.DETACHED));
    List<RunId> fenced = new CopyOnWriteArrayList<>();
    a.ledger.onFenced(fenced::add);
    assertThat(await(b.ledger.takeOver(a.self(), 10))).hasSize(1);

    assertCode(a.ledger.update(command, succeeded(command)), ErrorCode.FENCED);

    Awaitility.await().untilAsserted(() -> assertThat(fenced).containsExactly(command.id()));
    assertThat(await(a.ledger.locate(command.id())))
        .contains(new Ledger.Located(queued(command), b.self()));
    RunRecord lost = queued(command).ended(new Outcome.Lost("gone"), Instant.EPOCH);
    await(b.ledger.update(command, lost));
    assertThat(await(a.ledger.locate(command.id()))).contains(new Ledger.Located(lost, null));
    await(a.ledger.update(command, succeeded(command)));
    assertThat(await(a.ledger.find(command.id()))).contains(lost);
  }

  @Test
  void shouldRefuseALateWriteOfARunThatAnotherHasEnded() {
    Command command = a.accept(command("echo", Delivery.DETACHED));
    assertThat(await(b.ledger.takeOver(a.self(), 10))).hasSize(1);
    RunRecord lost = queued(command).ended(new Outcome.Lost("gone"), Instant.EPOCH);
    await(b.ledger.update(command, lost));

    assertCode(a.ledger.update(command, succeeded(command)), ErrorCode.FENCED);

    assertThat(await(a.ledger.find(command.id()))).contains(lost);
    assertThat(await(b.ledger.find(command.id()))).contains(lost);
    assertThat(await(b.ledger.orphaned(Set.of()))).isEmpty();
  }

  @Test
  void shouldNotTakeAgainWhatOthersTookWhileItWasAway() throws IOException {
    Command live = a.accept(command("live", Delivery.DETACHED));
    Command ended = a.accept(command("ended", Delivery.DETACHED));
    NodeId earlier = a.self();
    grids.kill(a);
    LedgerFixture c = join("c", 1);
    Grids.awaitHealthy(b, c);
    assertThat(await(b.ledger.takeOver(earlier, 10))).hasSize(2);
    RunRecord end = succeeded(ended);
    await(b.ledger.update(ended, end));

    a = join("a", 2);
    Grids.awaitHealthy(a, b);
    assertThat(await(a.ledger.orphaned(Set.of(b.self(), c.self())))).containsExactly(earlier);
    assertThat(await(a.ledger.takeOver(earlier, 10))).isEmpty();
    assertThat(await(a.ledger.orphaned(Set.of(b.self(), c.self())))).isEmpty();

    assertThat(await(a.ledger.find(ended.id()))).contains(end);
    assertThat(await(a.ledger.locate(live.id())))
        .contains(new Ledger.Located(queued(live), b.self()));
  }

  @Test
  void shouldHaveItsRunsWhenAllNodesWereKilled() throws IOException {
    Command byA = a.accept(command("echo", Delivery.DETACHED, key("k", "one")));
    Command byB = b.accept(command("echo", Delivery.DETACHED));
    grids.kill(a);
    grids.kill(b);

    a = join("a", 2);
    b = join("b", 2);
    Grids.awaitHealthy(a, b);

    assertThat(ids(await(a.ledger.takeOver(new NodeId("a", 1), 10)))).containsExactly(byA.id());
    assertThat(ids(await(b.ledger.takeOver(new NodeId("b", 1), 10)))).containsExactly(byB.id());
    await(a.ledger.update(byA, succeeded(byA)));
    Command again = command("echo", Delivery.DETACHED, key("k", "one"));
    assertThat(await(a.ledger.accept(again, queued(again)))).isEqualTo(byA.id());
  }

  private static List<RunId> ids(List<Ledger.Unfinished> runs) {
    return runs.stream().map(run -> run.command().id()).toList();
  }

  @Test
  void shouldGiveARunThatIsHandedOverToAnother() {
    Command command = a.accept(command("echo", Delivery.DETACHED));

    await(a.ledger.handOver(command.id()));

    assertThat(await(b.ledger.orphaned(Set.of(a.self(), b.self())))).containsExactly(Ledger.NOBODY);
    assertThat(ids(await(b.ledger.takeOver(Ledger.NOBODY, 10)))).containsExactly(command.id());
    await(b.ledger.update(command, succeeded(command)));
    assertThat(await(b.ledger.orphaned(Set.of()))).isEmpty();
  }

  @Test
  void shouldGiveAKeyToOneOfTwoNodesAtTheSameMoment() throws Exception {
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 20; round++) {
        CyclicBarrier start = new CyclicBarrier(2);
        String name = "key " + round;
        List<Callable<RunId>> calls = new ArrayList<>();
        for (LedgerFixture node : List.of(a, b)) {
          Command command = command("echo", Delivery.WAIT, key(name, "same"));
          calls.add(
              () -> {
                start.await();
                return await(node.ledger.accept(command, queued(command)));
              });
        }
        Set<RunId> runs = new TreeSet<>();
        for (var call : threads.invokeAll(calls)) {
          runs.add(call.get());
        }
        assertThat(runs).hasSize(1);
      }
    }
    Command other = command("echo", Delivery.DETACHED, key("key 1", "other"));
    assertCode(b.ledger.accept(other, queued(other)), ErrorCode.IDEMPOTENCY_CONFLICT);
    assertCode(a.ledger.accept(other, queued(other)), ErrorCode.IDEMPOTENCY_CONFLICT);
  }

  @Test
  void shouldAcceptNothingThatMustLastWithTooFewMembers() throws IOException {
    Command known = a.accept(command("known", Delivery.DETACHED));
    grids.kill(b);
    Command durable = command("durable", Delivery.DETACHED);
    Command waiting = command("waiting", Delivery.WAIT);

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertCode(
                    a.ledger.accept(durable, queued(durable)), ErrorCode.LEDGER_UNAVAILABLE));
    await(a.ledger.accept(waiting, queued(waiting)));
    RunRecord end = succeeded(waiting);
    await(a.ledger.update(waiting, end));
    Awaitility.await().untilAsserted(() -> assertThat(a.ledger.unwritten()).isZero());
    assertThat(await(a.ledger.find(waiting.id()))).contains(end);
    assertThat(a.ledger.healthy()).isFalse();

    b = join("b", 2);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> a.accept(command("later", Delivery.DETACHED)) != null);
    assertThat(await(a.ledger.locate(known.id())))
        .contains(new Ledger.Located(queued(known), a.self()));
  }

  @Test
  void shouldPutBackWhatTheMapHasLost() {
    Command command = a.accept(command("echo", Delivery.DETACHED));
    NodeId home = a.self();
    grids.lose(b, command.id());

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(grids.runs(b)).containsExactly(command.id()));
    assertThat(await(b.ledger.locate(command.id())))
        .contains(new Ledger.Located(queued(command), home));
  }

  @Test
  void shouldRefuseInBoundedTimeWhileAMemberHangs() throws InterruptedException {
    Command known = a.accept(command("known", Delivery.DETACHED));
    List<Command> commands = new ArrayList<>();
    List<Future<?>> accepted = new ArrayList<>();
    try (HungMember hung = new HungMember(grids.member(a), grids.member(b))) {
      hung.awaitStuck();
      for (int i = 0; i < 50; i++) {
        Command command = command("echo", Delivery.DETACHED, i < 5 ? key("k" + i, "k") : null);
        commands.add(command);
        accepted.add(a.ledger.accept(command, queued(command)));
      }
      Future<?> taken = a.ledger.takeOver(b.self(), 10);
      Awaitility.await()
          .atMost(BOUND)
          .until(() -> taken.isComplete() && accepted.stream().allMatch(Future::isComplete));
      assertCode(taken, ErrorCode.LEDGER_UNAVAILABLE);
      assertThat(accepted).anyMatch(Future::failed);
      accepted.stream()
          .filter(Future::failed)
          .forEach(refused -> assertCode(refused, ErrorCode.LEDGER_UNAVAILABLE));
      assertThat(a.ledger.healthy()).isFalse();

      // Once it is known nobody waits for it, and what need not be recorded there is written.
      Command durable = command("durable", Delivery.DETACHED);
      assertThat(a.ledger.accept(durable, queued(durable)).failed()).isTrue();
      Command waiting = command("waiting", Delivery.WAIT);
      assertThat(a.ledger.accept(waiting, queued(waiting)).succeeded()).isTrue();
      await(a.ledger.update(waiting, succeeded(waiting)));
      Awaitility.await().untilAsserted(() -> assertThat(a.ledger.unwritten()).isZero());
      Future<?> orphans = a.ledger.orphaned(Set.of());
      Awaitility.await().atMost(BOUND).until(orphans::isComplete);
      assertCode(orphans, ErrorCode.LEDGER_UNAVAILABLE);
      RunRecord end = succeeded(known);
      Future<?> update = a.ledger.update(known, end);
      Awaitility.await().atMost(BOUND).until(update::isComplete);
      assertCode(update, ErrorCode.LEDGER_UNAVAILABLE);
      assertThat(await(a.ledger.find(known.id()))).contains(end);
    }
    Grids.awaitHealthy(a);
    Awaitility.await().untilAsserted(() -> assertThat(a.ledger.unwritten()).isZero());

    // What was refused is no run, though the map may have got it; unless its key may be known.
    Set<RunId> runs = new TreeSet<>();
    for (int i = 0; i < commands.size(); i++) {
      if (accepted.get(i).succeeded() || i < 5) {
        runs.add(commands.get(i).id());
      }
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(runs).containsAll(grids.runs(a)));
    assertThat(await(b.ledger.find(known.id())).orElseThrow().state().isTerminal()).isTrue();
  }

  private static void assertCode(Future<?> refused, ErrorCode code) {
    assertThatThrownBy(() -> await(refused))
        .isInstanceOfSatisfying(
            ServiceException.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
