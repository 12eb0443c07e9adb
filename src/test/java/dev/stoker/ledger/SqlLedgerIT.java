package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.digest;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.running;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.Digest;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Stdin;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class SqlLedgerIT {
  private final Backend backend;
  @TempDir private Path directory;
  private LedgerFixture book;

  SqlLedgerIT(Backend backend) {
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
  void shouldReadWhatWasWritten(Delivery delivery) {
    Command command = command("echo", delivery);

    RunId accepted = await(book.ledger.accept(command, queued(command)));

    assertThat(accepted).isEqualTo(command.id());
    assertThat(await(book.ledger.find(command.id()))).contains(queued(command));
    RunRecord running = running(command);
    await(book.ledger.update(command, running));
    assertThat(await(book.ledger.find(command.id()))).contains(running);
    assertThat(book.ledger.healthy()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void shouldReadWhatAnEarlierLifeWrote(Delivery delivery) throws IOException {
    RunRecord ended = book.run(command("echo", delivery));

    book.reopen();

    assertThat(await(book.ledger.find(ended.id()))).contains(ended);
    assertThat(book.takeOverAll()).isEmpty();
  }

  @Test
  void shouldNotMakeASynchronousRunWait() {
    Command command = command("echo", Delivery.WAIT);

    Future<RunId> accepted = book.ledger.accept(command, queued(command));
    Future<Void> ended = book.ledger.update(command, succeeded(command));

    assertThat(accepted.succeeded()).isTrue();
    assertThat(ended.succeeded()).isTrue();
  }

  @Test
  void shouldKnowNothingOfARunThatIsNotThere() {
    assertThat(await(book.ledger.find(RunId.next()))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void shouldLetAnEndedRunBe(Delivery delivery) throws IOException {
    Command command = command("echo", delivery);
    RunRecord ended = book.run(command);

    await(book.ledger.update(command, running(command)));
    await(book.ledger.update(command, ended.ended(new Outcome.Lost("late"), Instant.now())));
    assertThat(await(book.ledger.find(command.id()))).contains(ended);

    book.reopen();
    await(book.ledger.update(command, running(command)));
    assertThat(await(book.ledger.find(command.id()))).contains(ended);
  }

  @Test
  void shouldWriteARunThatWasNeverAccepted() throws IOException {
    Command command = command("echo", Delivery.DETACHED);
    RunRecord ended = succeeded(command);

    await(book.ledger.update(command, ended));
    book.reopen();

    assertThat(await(book.ledger.find(command.id()))).contains(ended);
  }

  @Test
  void shouldRecoverWhatHadNotEndedOldestFirst() throws IOException {
    Command queued = book.accept(command("echo", Delivery.DETACHED));
    book.run(command("echo", Delivery.DETACHED));
    Command running = book.accept(command("gzip", Delivery.DETACHED));
    await(book.ledger.update(running, running(running)));
    Command waiting = book.accept(command("gzip", Delivery.WAIT));

    book.reopen();

    List<Ledger.Unfinished> recovered = book.takeOverAll();
    assertThat(recovered)
        .extracting(run -> run.command().id())
        .containsExactlyInAnyOrder(queued.id(), running.id(), waiting.id())
        .isSorted();
    Command again = only(recovered, queued.id()).command();
    assertThat(again).usingRecursiveComparison().ignoringFields("acceptedNanos").isEqualTo(queued);
    assertThat(again.acceptedNanos()).isGreaterThan(queued.acceptedNanos());
    assertThat(only(recovered, running.id()).record().node()).isEqualTo("node-1");
    assertThat(only(recovered, waiting.id()).command().delivery()).isEqualTo(Delivery.WAIT);
    assertThat(only(recovered, waiting.id()).command().stdin()).isEqualTo(new Stdin.None());
  }

  private static Ledger.Unfinished only(List<Ledger.Unfinished> runs, RunId id) {
    return runs.stream().filter(run -> run.command().id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void shouldEndARecoveredRun() throws IOException {
    Command command = book.accept(command("echo", Delivery.DETACHED));
    book.reopen();
    Ledger.Unfinished recovered = book.takeOverAll().getFirst();

    RunRecord lost = recovered.record().ended(new Outcome.Lost("restart"), Instant.EPOCH);
    await(book.ledger.update(recovered.command(), lost));
    book.reopen();

    assertThat(book.takeOverAll()).isEmpty();
    assertThat(await(book.ledger.find(command.id()))).contains(lost);
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void shouldReferToInputsUntilTheEndAndToOutputsThen(Delivery delivery) throws IOException {
    Command unfinished = book.accept(command("echo", delivery));
    RunRecord ended = book.run(command("echo", delivery));
    Digest output = digest("avi " + ended.id());
    Digest stdout = digest("stdout " + ended.id());

    assertThat(List.of(digest("video"), output, stdout)).allMatch(await(book.ledger.references()));
    assertThat(await(book.ledger.references()).test(digest("another"))).isFalse();

    await(book.ledger.update(unfinished, succeeded(unfinished)));
    book.reopen();
    Predicate<Digest> references = await(book.ledger.references());
    assertThat(List.of(output, stdout)).allMatch(references);
    assertThat(references.test(digest("video"))).isFalse();
  }
}
