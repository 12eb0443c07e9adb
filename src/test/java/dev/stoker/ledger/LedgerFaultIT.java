package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.settings;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerFaultIT {
  private static final NodeId SELF = new NodeId("node-abcd", 7);

  @TempDir private Path directory;

  @Test
  void shouldRefuseDurableRunsAndKeepTheOthersWhileTheDiskRefuses() throws Exception {
    try (LedgerFixture book = new LedgerFixture(directory)) {
      Command known = book.accept(command("known", Delivery.DETACHED));
      Command durable = command("durable", Delivery.DETACHED);
      Command waiting = command("waiting", Delivery.WAIT);
      RunRecord ended = succeeded(known);
      try (Connection other = connect();
          Statement statement = other.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");

        Future<?> refused = book.ledger.accept(durable, queued(durable));
        Future<?> update = book.ledger.update(known, ended);
        await(book.ledger.accept(waiting, queued(waiting)));

        assertUnavailable(refused);
        assertUnavailable(update);
        assertThat(book.ledger.healthy()).isFalse();
        assertThat(await(book.ledger.find(durable.id()))).isEmpty();
        assertThat(await(book.ledger.find(known.id()))).contains(ended);
        assertThat(await(book.ledger.find(waiting.id()))).contains(queued(waiting));
        statement.execute("ROLLBACK");
      }
      Awaitility.await().until(book.ledger::healthy);
      book.reopen();

      assertThat(await(book.ledger.find(durable.id()))).isEmpty();
      assertThat(await(book.ledger.find(known.id()))).contains(ended);
      assertThat(await(book.ledger.find(waiting.id()))).contains(queued(waiting));
    }
  }

  @Test
  void shouldRefuseRunsWhenAsManyWaitAsMay() throws Exception {
    try (LedgerFixture book = new LedgerFixture(directory)) {
      List<Command> accepted = new ArrayList<>();
      try (Connection other = connect();
          Statement statement = other.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        for (int i = 0; i < LedgerFixture.WAITING_MAX; i++) {
          Command command = command("echo", Delivery.WAIT);
          await(book.ledger.accept(command, queued(command)));
          accepted.add(command);
        }

        Command tooMany = command("echo", Delivery.WAIT);
        assertUnavailable(book.ledger.accept(tooMany, queued(tooMany)));
        assertThat(await(book.ledger.find(tooMany.id()))).isEmpty();
        for (Command command : accepted) {
          await(book.ledger.update(command, succeeded(command)));
        }
        statement.execute("ROLLBACK");
      }
      Command later = command("echo", Delivery.WAIT);
      Awaitility.await()
          .ignoreExceptions()
          .until(() -> book.ledger.accept(later, queued(later)).succeeded());
      book.reopen();

      assertThat(accepted).allMatch(command -> await(book.ledger.find(command.id())).isPresent());
    }
  }

  @Test
  void shouldWriteWhateverTextACallerSends() throws IOException {
    try (LedgerFixture book = new LedgerFixture(directory)) {
      Command odd = command("echo", Delivery.DETACHED);
      odd.parameters().put("text", "lone \ud800 surrogate, \u0000 and \ud83d\ude00");
      book.accept(odd);
      book.run(command("echo", Delivery.DETACHED));

      book.reopen();

      List<Ledger.Unfinished> recovered = book.takeOverAll();
      assertThat(recovered).hasSize(1);
      assertThat(recovered.getFirst().command().parameters().getString("text"))
          .endsWith("surrogate, \u0000 and \ud83d\ude00");
    }
  }

  @Test
  void shouldRefuseEverythingOnceItIsClosed() throws IOException {
    try (LedgerFixture book = new LedgerFixture(directory)) {
      Command known = book.accept(command("echo", Delivery.WAIT));
      book.ledger.close();
      book.ledger.close();

      Command late = command("echo", Delivery.WAIT);
      assertUnavailable(book.ledger.accept(late, queued(late)));
      assertUnavailable(book.ledger.update(known, succeeded(known)));
      assertUnavailable(book.ledger.find(late.id()));
      assertUnavailable(book.ledger.list(new Query(null, null, null, 1, null)));
      assertUnavailable(book.ledger.retain());
      assertThat(book.ledger.healthy()).isFalse();
    }
  }

  @Test
  void shouldSayThatAnotherProcessHasIt() throws IOException {
    try (LedgerFixture book = new LedgerFixture(directory)) {
      assertRefused(book.vertx, "ledger.db is in use by another process; stop it first");
    }
  }

  @Test
  void shouldSayThatTheFileIsNotALedger() throws IOException {
    Files.writeString(directory.resolve("ledger.db"), "not a database ".repeat(1000));

    assertRefused("ledger.db is damaged, or not a ledger; restore it from a copy or move it away");
  }

  @Test
  void shouldSayThatTheFileIsNewer() throws Exception {
    new LedgerFixture(directory).close();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version = 99");
    }

    assertRefused("ledger.db has version 99, which is newer than 2; it needs a newer Stoker");
  }

  @Test
  void shouldSayThatTheDirectoryCannotBeMade() throws IOException {
    Files.writeString(directory.resolve("file"), "in the way");

    Vertx vertx = Vertx.vertx();
    assertThatThrownBy(() -> Ledger.open(vertx, settings(directory.resolve("file/data"), 1), SELF))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file/data/ledger.db cannot be written");
    await(vertx.close());
  }

  @Test
  void shouldLeaveARunThatCannotBeReadAndGiveTheOthers() throws Exception {
    Command broken;
    Command sound;
    try (LedgerFixture book = new LedgerFixture(directory)) {
      broken = book.accept(command("broken", Delivery.DETACHED));
      sound = book.accept(command("sound", Delivery.DETACHED));
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE run SET command = x'7b7d' WHERE tool = 'broken'");
    }

    try (LedgerFixture book = new LedgerFixture(directory)) {
      book.reopen();
      assertThat(book.takeOverAll())
          .extracting(run -> run.command().id())
          .containsExactly(sound.id());
      assertThat(await(book.ledger.find(broken.id()))).isPresent();
    }
  }

  @Test
  void shouldHaveTheVersionOfItsNewestMigration() throws Exception {
    new LedgerFixture(directory).close();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var version = statement.executeQuery("PRAGMA user_version")) {
      assertThat(version.getInt(1)).isEqualTo(SqliteFile.NEWEST_VERSION);
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var migrations =
            statement.executeQuery("SELECT max(installed_rank) FROM flyway_schema_history")) {
      assertThat(migrations.getInt(1)).isEqualTo(SqliteFile.NEWEST_VERSION);
    }
  }

  private void assertRefused(String reason) throws IOException {
    Vertx vertx = Vertx.vertx();
    assertRefused(vertx, reason);
    await(vertx.close());
  }

  private void assertRefused(Vertx vertx, String reason) {
    assertThatThrownBy(() -> Ledger.open(vertx, settings(directory, 1), SELF))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
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

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("ledger.db"));
  }
}
