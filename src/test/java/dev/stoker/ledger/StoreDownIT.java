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
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL that dies, and one that hangs. */
@Tag("patient")
class StoreDownIT {
  /** A step that hangs, one that was under way, and a slow machine. */
  private static final Duration BOUND = Duration.ofSeconds(3L * PostgresStore.PATIENCE_SECONDS);

  @TempDir private Path directory;
  private TestPostgres postgres;
  private LedgerFixture book;

  @BeforeEach
  void open() throws Exception {
    postgres = new TestPostgres(Files.createDirectory(directory.resolve("postgres")));
    book =
        new LedgerFixture(
            Backend.settings(directory, 1_000_000, postgres.newDatabase()), "node-abcd");
  }

  @AfterEach
  void close() throws Exception {
    book.close();
    postgres.close();
  }

  @Test
  void shouldLoseNothingWhenItDies() throws Exception {
    Command known = book.accept(command("known", Delivery.DETACHED));
    postgres.kill();

    RunRecord ended = succeeded(known);
    assertUnavailable(book.ledger.update(known, ended));
    assertThat(book.ledger.healthy()).isFalse();
    assertThat(book.ledger.failures()).isPositive();
    assertUnavailable(accept(command("durable", Delivery.DETACHED)));
    assertUnavailable(accept(command("keyed", Delivery.WAIT, key("k", "k"))));
    Command waiting = command("waiting", Delivery.WAIT);
    await(accept(waiting));
    await(book.ledger.update(waiting, succeeded(waiting)));
    assertThat(book.ledger.unwritten()).isEqualTo(2);
    assertThat(await(book.ledger.find(known.id()))).contains(ended);

    postgres.restart();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(book.ledger::healthy);
    Awaitility.await().until(() -> book.ledger.unwritten() == 0);
    book.reopen();

    assertThat(await(book.ledger.list(new Query(null, null, null, 10, null))).runs())
        .extracting(RunRecord::tool)
        .containsExactlyInAnyOrder("known", "waiting");
    assertThat(await(book.ledger.find(known.id()))).contains(ended);
    assertThat(await(book.ledger.orphaned(Set.of()))).isEmpty();
  }

  @Test
  void shouldRefuseInBoundedTimeWhileItHangs() throws Exception {
    Command known = book.accept(command("known", Delivery.DETACHED));
    postgres.pause();
    try {
      List<Future<?>> refused =
          List.of(
              accept(command("durable", Delivery.DETACHED)),
              accept(command("keyed", Delivery.DETACHED, key("k", "k"))),
              book.ledger.update(known, succeeded(known)),
              book.ledger.list(new Query(null, null, null, 10, null)));
      Awaitility.await().atMost(BOUND).until(() -> refused.stream().allMatch(Future::isComplete));
      refused.forEach(StoreDownIT::assertUnavailable);

      // Once it is known to be down nobody waits for it.
      assertThat(accept(command("durable", Delivery.DETACHED)).failed()).isTrue();
      assertThat(accept(command("waiting", Delivery.WAIT)).succeeded()).isTrue();
    } finally {
      postgres.resume();
    }
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(book.ledger::healthy);
    Awaitility.await().until(() -> book.ledger.unwritten() == 0);

    // What was refused is no run, though PostgreSQL may have got it.
    assertThat(await(book.ledger.list(new Query("durable", null, null, 10, null))).runs())
        .isEmpty();
    assertThat(await(book.ledger.find(known.id())).orElseThrow().state())
        .isEqualTo(RunState.SUCCEEDED);
    Command later = book.accept(command("later", Delivery.DETACHED));
    assertThat(await(book.ledger.find(later.id()))).isPresent();
  }

  private Future<?> accept(Command command) {
    return book.ledger.accept(command, queued(command));
  }

  private static void assertUnavailable(Future<?> refused) {
    assertThatThrownBy(() -> await(refused))
        .isInstanceOfSatisfying(
            ServiceException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ErrorCode.LEDGER_UNAVAILABLE);
              assertThat(failure.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            });
  }
}
