package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.digest;
import static dev.stoker.ledger.LedgerFixture.ended;
import static dev.stoker.ledger.LedgerFixture.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class RetentionIT {
  private final Backend backend;
  private static final Duration OLD = LedgerFixture.KEEP_FOR.plusHours(1);

  @TempDir private Path directory;

  RetentionIT(Backend backend) {
    this.backend = backend;
  }

  @Test
  void shouldForgetWhatEndedLongAgoAndItsKey() throws IOException {
    try (LedgerFixture book = new LedgerFixture(backend, directory)) {
      Command old = endedAgo(book, OLD, OLD);
      Command longRun = endedAgo(book, OLD, Duration.ZERO);
      Command young = endedAgo(book, Duration.ofHours(1), Duration.ZERO);
      Command unfinished = book.accept(submitted(OLD, "unfinished"));

      assertThat(await(book.ledger.retain())).isEqualTo(1);

      assertThat(await(book.ledger.find(old.id()))).isEmpty();
      assertThat(await(book.ledger.findByKey(old.principal(), "echo", keyOf(old)))).isEmpty();
      assertThat(await(book.ledger.references()).test(digest("stdout " + old.id()))).isFalse();
      for (Command kept : List.of(longRun, young, unfinished)) {
        assertThat(await(book.ledger.find(kept.id()))).isPresent();
        assertThat(await(book.ledger.findByKey(kept.principal(), "echo", keyOf(kept))))
            .contains(kept.id());
      }
    }
  }

  @Test
  void shouldKeepOnlySoManyEndedRuns() throws IOException {
    try (LedgerFixture book = new LedgerFixture(backend.settings(directory, 100), "node-abcd")) {
      Command unfinished = book.accept(submitted(Duration.ofHours(2), "unfinished"));
      for (int i = 0; i < 1300; i++) {
        Command command = command("echo", Delivery.WAIT);
        await(book.ledger.accept(command, LedgerFixture.queued(command)));
        await(book.ledger.update(command, LedgerFixture.succeeded(command)));
        if (i % 500 == 0) {
          book.run(command("gzip", Delivery.DETACHED));
        }
      }
      Command last = command("last", Delivery.DETACHED);
      book.run(last);

      assertThat(await(book.ledger.retain())).isEqualTo(1304 - 100);

      List<RunRecord> kept =
          await(book.ledger.list(new Query(null, null, null, 1000, null))).runs();
      assertThat(kept).hasSize(101);
      assertThat(kept).anyMatch(run -> run.id().equals(last.id()));
      assertThat(kept.getLast().id()).isEqualTo(unfinished.id());
      assertThat(await(book.ledger.retain())).isZero();
    }
  }

  private static Command endedAgo(LedgerFixture book, Duration submitted, Duration ended) {
    Command command = book.accept(submitted(submitted, "ended " + submitted + ended));
    await(book.ledger.update(command, ended(command, Instant.now().minus(ended))));
    return command;
  }

  private static Command submitted(Duration ago, String key) {
    Command like = command("echo", Delivery.DETACHED, key(key, key));
    long millis = Instant.now().minus(ago).toEpochMilli();
    long high = (like.id().value().getMostSignificantBits() & 0xFFFF) | (millis << Short.SIZE);
    return new Command(
        new RunId(new UUID(high, like.id().value().getLeastSignificantBits())),
        like.tool(),
        like.parameters(),
        like.inputs(),
        like.stdin(),
        like.principal(),
        like.priority(),
        like.timeout(),
        like.acceptedNanos(),
        Instant.ofEpochMilli(millis),
        like.delivery(),
        like.cacheControl(),
        like.idempotencyKey(),
        like.trace());
  }

  private static Command.IdempotencyKey keyOf(Command command) {
    return java.util.Objects.requireNonNull(command.idempotencyKey());
  }
}
