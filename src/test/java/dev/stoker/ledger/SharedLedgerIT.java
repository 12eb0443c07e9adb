package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.key;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.running;
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
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

/** Several nodes, one PostgreSQL. */
@Tag("patient")
class SharedLedgerIT {
  @TempDir private Path directory;
  private LedgerSettings settings;
  private LedgerFixture a;
  private LedgerFixture b;

  @BeforeEach
  void open() throws Exception {
    settings = Backend.POSTGRES.settings(directory, 1_000_000);
    // At the same moment: the tables are made once.
    try (var threads = Executors.newFixedThreadPool(2)) {
      var first = threads.submit(() -> new LedgerFixture(settings, "a"));
      var second = threads.submit(() -> new LedgerFixture(settings, "b"));
      a = first.get();
      b = second.get();
    }
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  @Test
  void shouldTellWhoseARunIs() {
    Command command = a.accept(command("echo", Delivery.DETACHED));
    Ledger.Located located = new Ledger.Located(queued(command), a.self());

    assertThat(await(a.ledger.locate(command.id()))).contains(located);
    assertThat(await(b.ledger.locate(command.id()))).contains(located);

    RunRecord ended = succeeded(command);
    await(a.ledger.update(command, ended));
    assertThat(await(b.ledger.locate(command.id()))).contains(new Ledger.Located(ended, null));
  }

  @Test
  void shouldListAndReferToTheRunsOfAllNodes() {
    Command queued = a.accept(command("echo", Delivery.DETACHED));
    RunRecord ended = b.run(command("echo", Delivery.DETACHED));

    assertThat(await(b.ledger.list(new Query("echo", null, null, 10, null))).runs())
        .extracting(RunRecord::id)
        .containsExactlyInAnyOrder(queued.id(), ended.id());
    assertThat(await(b.ledger.list(new Query(null, RunState.QUEUED, null, 10, null))).runs())
        .extracting(RunRecord::id)
        .containsExactly(queued.id());
    assertThat(await(b.ledger.references()).test(LedgerFixture.digest("video"))).isTrue();
  }

  @Test
  void shouldTakeNothingFromANodeThatSignsIn() {
    a.accept(command("echo", Delivery.DETACHED));

    assertThat(await(b.ledger.orphaned(Set.of(b.self())))).isEmpty();
    assertThat(await(b.ledger.takeOver(a.self(), 10))).isEmpty();
  }

  @Test
  void shouldTakeNothingFromAMemberThatCannotSignIn() throws SQLException {
    a.accept(command("echo", Delivery.DETACHED));
    silence(a);

    assertThat(await(b.ledger.orphaned(Set.of(a.self(), b.self())))).isEmpty();
    assertThat(await(b.ledger.orphaned(Set.of(b.self())))).containsExactly(a.self());
  }

  @Test
  void shouldGiveEachRunToOneOfManyThatAsk() throws Exception {
    List<RunId> accepted = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      accepted.add(a.accept(command("echo", Delivery.DETACHED)).id());
    }
    silence(a);
    List<RunId> taken = new CopyOnWriteArrayList<>();
    try (LedgerFixture c = new LedgerFixture(settings, "c");
        var threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Integer>> survivors = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Ledger ledger = i % 2 == 0 ? b.ledger : c.ledger;
        survivors.add(() -> takeAll(ledger, taken));
      }
      int bySome = 0;
      for (var survivor : threads.invokeAll(survivors)) {
        bySome += survivor.get() > 0 ? 1 : 0;
      }
      assertThat(bySome).isGreaterThan(1);
      assertThat(await(c.ledger.orphaned(Set.of()))).isEmpty();
    }
    assertThat(taken).containsExactlyInAnyOrderElementsOf(accepted);
  }

  private int takeAll(Ledger ledger, List<RunId> taken) {
    int count = 0;
    List<Ledger.Unfinished> some = await(ledger.takeOver(a.self(), 7));
    while (!some.isEmpty()) {
      some.forEach(run -> taken.add(run.command().id()));
      count += some.size();
      some = await(ledger.takeOver(a.self(), 7));
    }
    return count;
  }

  @Test
  void shouldRefuseWhatTheFormerHomeWrites() throws SQLException {
    Command taken = a.accept(command("echo", Delivery.DETACHED));
    Command waiting = a.accept(command("wait", Delivery.WAIT));
    Awaitility.await().until(() -> await(b.ledger.find(waiting.id())).isPresent());
    List<RunId> fenced = new CopyOnWriteArrayList<>();
    a.ledger.onFenced(fenced::add);
    silence(a);
    // Its callers may still be there: only a node that is silent for long has lost them.
    assertThat(await(b.ledger.takeOver(a.self(), 10)))
        .extracting(run -> run.command().id())
        .containsExactly(taken.id());
    bury(a);
    assertThat(await(b.ledger.takeOver(a.self(), 10))).hasSize(1);

    assertFenced(a.ledger.update(taken, succeeded(taken)));
    await(a.ledger.update(waiting, succeeded(waiting)));

    Awaitility.await()
        .untilAsserted(
            () -> assertThat(fenced).containsExactlyInAnyOrder(taken.id(), waiting.id()));
    Ledger.Located located = new Ledger.Located(queued(taken), b.self());
    assertThat(await(a.ledger.locate(taken.id()))).contains(located);
    RunRecord lost = queued(waiting).ended(new Outcome.Lost("its node is gone"), Instant.EPOCH);
    await(b.ledger.update(waiting, lost));
    Awaitility.await().until(() -> await(a.ledger.find(waiting.id())).equals(Optional.of(lost)));
  }

  @Test
  void shouldKeepTheEndThatTheNewHomeWrote() throws SQLException {
    Command command = a.accept(command("echo", Delivery.DETACHED));
    RunRecord running = running(command);
    await(a.ledger.update(command, running));
    silence(a);
    assertThat(await(b.ledger.takeOver(a.self(), 10)))
        .extracting(Ledger.Unfinished::record)
        .containsExactly(running);
    RunRecord lost = running.ended(new Outcome.Lost("gone"), Instant.EPOCH);
    await(b.ledger.update(command, lost));

    assertFenced(a.ledger.update(command, succeeded(command)));

    assertThat(await(a.ledger.find(command.id()))).contains(lost);
    await(a.ledger.update(command, succeeded(command)));
    assertThat(await(b.ledger.find(command.id()))).contains(lost);
  }

  @Test
  void shouldTakeAnEarlierLifesRunsAtOnce() throws IOException {
    Command command = a.accept(command("echo", Delivery.DETACHED, key("k", "one")));
    NodeId earlier = a.self();
    a.reopen();

    assertThat(await(a.ledger.orphaned(Set.of(earlier, a.self())))).containsExactly(earlier);
    assertThat(await(a.ledger.takeOver(earlier, 10)))
        .extracting(run -> run.command().id())
        .containsExactly(command.id());
    assertThat(await(a.ledger.orphaned(Set.of()))).isEmpty();
  }

  @Test
  void shouldGiveARunThatIsHandedOverToAnother() {
    Command command = a.accept(command("echo", Delivery.DETACHED));

    await(a.ledger.handOver(command.id()));

    assertThat(await(a.ledger.locate(command.id())))
        .contains(new Ledger.Located(queued(command), null));
    assertThat(await(b.ledger.orphaned(Set.of(a.self(), b.self())))).containsExactly(Ledger.NOBODY);
    assertThat(await(b.ledger.takeOver(Ledger.NOBODY, 10))).hasSize(1);
    assertFenced(a.ledger.update(command, succeeded(command)));
    await(b.ledger.update(command, succeeded(command)));
    assertThat(await(b.ledger.orphaned(Set.of()))).isEmpty();
  }

  @Test
  void shouldAnswerTheRunOfAnotherNodesKey() {
    Command first = a.accept(command("echo", Delivery.WAIT, key("k", "one")));
    Command again = command("echo", Delivery.DETACHED, key("k", "one"));
    Command other = command("echo", Delivery.DETACHED, key("k", "other"));

    assertThat(await(b.ledger.accept(again, queued(again)))).isEqualTo(first.id());
    assertThat(await(b.ledger.findByKey(other.principal(), "echo", key("k", "one"))))
        .contains(first.id());
    assertCode(b.ledger.accept(other, queued(other)), ErrorCode.IDEMPOTENCY_CONFLICT);
  }

  @Test
  void shouldGiveAKeyToOneOfTwoNodesAtTheSameMoment() throws Exception {
    int rounds = 20;
    int keys = 10;
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < rounds; round++) {
        String name = "round " + round + " ";
        CyclicBarrier start = new CyclicBarrier(2);
        var byA = threads.submit(() -> acceptAll(a, name, keys, false, start));
        var byB = threads.submit(() -> acceptAll(b, name, keys, true, start));

        Set<RunId> runs = new TreeSet<>(byA.get());
        runs.addAll(byB.get());
        assertThat(runs).hasSize(keys);
      }
    }
    assertThat(await(a.ledger.list(new Query("keyed", null, null, 1000, null))).runs())
        .hasSize(rounds * keys);
    assertThat(await(a.ledger.list(new Query("bystander", null, null, 1000, null))).runs())
        .hasSize(2 * rounds * keys);
  }

  /** Each key in one batch with runs that have none, in an order or the other. */
  private static List<RunId> acceptAll(
      LedgerFixture node, String name, int keys, boolean backwards, CyclicBarrier start)
      throws Exception {
    start.await();
    List<Future<RunId>> keyed = new ArrayList<>();
    List<Future<RunId>> bystanders = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      String key = name + (backwards ? keys - i : i + 1);
      Command command = command("keyed", Delivery.DETACHED, key(key, key));
      keyed.add(node.ledger.accept(command, queued(command)));
      Command bystander = command("bystander", Delivery.DETACHED);
      bystanders.add(node.ledger.accept(bystander, queued(bystander)));
    }
    bystanders.forEach(LedgerFixture::await);
    return keyed.stream().map(LedgerFixture::await).toList();
  }

  /** From now on the signs of life of a node do not arrive. */
  private void silence(LedgerFixture node) throws SQLException {
    SharedStore shared = Objects.requireNonNull(settings.shared());
    try (Connection connection = DriverManager.getConnection(shared.url());
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          UPDATE node SET seen_at = seen_at - INTERVAL '10 s' WHERE id = '%s';
          CREATE FUNCTION silence() RETURNS trigger LANGUAGE plpgsql
          AS 'BEGIN IF NEW.id = ''%s'' THEN RETURN NULL; END IF; RETURN NEW; END';
          CREATE TRIGGER silence BEFORE INSERT OR UPDATE ON node
          FOR EACH ROW EXECUTE FUNCTION silence();
          """
              .formatted(node.self(), node.self()));
    }
  }

  /** As long ago as if it would never come back. */
  private void bury(LedgerFixture node) throws SQLException {
    SharedStore shared = Objects.requireNonNull(settings.shared());
    try (Connection connection = DriverManager.getConnection(shared.url());
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM node WHERE id = '" + node.self() + "'");
    }
  }

  private static void assertFenced(Future<?> refused) {
    assertCode(refused, ErrorCode.FENCED);
  }

  private static void assertCode(Future<?> refused, ErrorCode code) {
    assertThatThrownBy(() -> await(refused))
        .isInstanceOfSatisfying(
            ServiceException.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
