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
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class IdempotencyIT {
  private final Backend backend;
  @TempDir private Path directory;
  private LedgerFixture book;

  IdempotencyIT(Backend backend) {
    this.backend = backend;
  }

  @BeforeEach
  void open() throws IOException {
    book = new LedgerFixture(backend, directory);
  }

  @AfterEach
  void close() {
    book.close();
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void shouldGiveTheFirstRunToTheSameKey(Delivery delivery) throws IOException {
    Command first = book.accept(command("echo", delivery, key("k", "same")));
    Command second = command("echo", Delivery.DETACHED, key("k", "same"));

    assertThat(await(book.ledger.accept(second, queued(second)))).isEqualTo(first.id());
    assertThat(await(book.ledger.find(second.id()))).isEmpty();

    await(book.ledger.update(first, succeeded(first)));
    book.reopen();
    assertThat(await(book.ledger.accept(second, queued(second)))).isEqualTo(first.id());
    assertThat(await(book.ledger.find(second.id()))).isEmpty();
    assertThat(await(book.ledger.findByKey(Principal.ANONYMOUS, "echo", key("k", "same"))))
        .contains(first.id());
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void shouldRefuseTheKeyToAnotherCommand(Delivery delivery) throws IOException {
    Command first = book.accept(command("echo", delivery, key("k", "one")));
    Command other = command("echo", Delivery.DETACHED, key("k", "other"));

    assertConflict(book.ledger.accept(other, queued(other)));
    assertConflict(book.ledger.findByKey(Principal.ANONYMOUS, "echo", key("k", "other")));

    await(book.ledger.update(first, succeeded(first)));
    book.reopen();
    assertConflict(book.ledger.accept(other, queued(other)));
    assertConflict(book.ledger.findByKey(Principal.ANONYMOUS, "echo", key("k", "other")));
  }

  @Test
  void shouldKeepKeysOfToolsApart() {
    Command echo = book.accept(command("echo", Delivery.DETACHED, key("k", "one")));
    Command gzip = book.accept(command("gzip", Delivery.DETACHED, key("k", "other")));

    assertThat(await(book.ledger.find(echo.id()))).isPresent();
    assertThat(await(book.ledger.find(gzip.id()))).isPresent();
    assertThat(await(book.ledger.findByKey(new Principal("bob"), "echo", key("k", "one"))))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void shouldAcceptOneOfManyAtTheSameTime(Delivery delivery) throws Exception {
    int callers = 16;
    try (var threads = Executors.newFixedThreadPool(callers)) {
      for (int round = 0; round < 20; round++) {
        CyclicBarrier start = new CyclicBarrier(callers);
        String name = "key " + round;
        List<Callable<RunId>> calls = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
          Command command = command("echo", delivery, key(name, "same"));
          calls.add(
              () -> {
                start.await();
                return await(book.ledger.accept(command, queued(command)));
              });
        }

        Set<RunId> runs = new TreeSet<>();
        for (var call : threads.invokeAll(calls)) {
          runs.add(call.get());
        }

        assertThat(runs).hasSize(1);
      }
    }
    assertThat(await(book.ledger.list(new Query(null, null, null, 1000, null))).runs()).hasSize(20);
  }

  private static void assertConflict(Future<?> refused) {
    assertThatThrownBy(() -> await(refused))
        .isInstanceOfSatisfying(
            ServiceException.class,
            conflict -> assertThat(conflict.code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT));
  }
}
