package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The ledger of one node: {@link LiveRuns} before a SQLite file. Thread-safe. */
final class SqlLedger implements Ledger {
  private static final Duration DELAY = Duration.ofMillis(100);
  private static final int READERS = 2;

  private final Vertx vertx;
  private final LedgerSettings settings;
  private final SqliteFile file;
  private final LiveRuns live;
  private final GroupCommit writer;
  private final Readers readers;
  private final List<Unfinished> recovered;

  private SqlLedger(
      Vertx vertx,
      LedgerSettings settings,
      SqliteFile file,
      GroupCommit writer,
      Readers readers,
      LiveRuns live,
      List<Unfinished> recovered) {
    this.vertx = vertx;
    this.settings = settings;
    this.file = file;
    this.writer = writer;
    this.readers = readers;
    this.live = live;
    this.recovered = recovered;
  }

  static SqlLedger open(Vertx vertx, LedgerSettings settings) throws IOException {
    SqliteFile file = SqliteFile.open(settings.directory());
    try {
      List<RunReader> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(new RunReader(file.reader()));
      }
      List<Unfinished> recovered = List.copyOf(readers.getFirst().unfinished());
      LiveRuns live = new LiveRuns(settings.waitingMax(), DELAY);
      recovered.forEach(run -> live.restore(run.command(), run.record()));
      GroupCommit writer =
          new GroupCommit(live, () -> RunWriter.open(file.writer()), file.path().toString());
      writer.start();
      return new SqlLedger(
          vertx, settings, file, writer, new Readers(vertx, readers), live, recovered);
    } catch (SQLException e) {
      file.close();
      throw file.explain(e);
    } catch (RuntimeException e) {
      file.close();
      throw new IOException("the ledger " + file.path() + " holds a run that cannot be read", e);
    }
  }

  @Override
  public Future<RunId> accept(Command command, RunRecord queued) {
    Command.IdempotencyKey key = command.idempotencyKey();
    if (key == null) {
      return add(command, queued);
    }
    KeyName name = new KeyName(command.principal(), command.tool(), key);
    return onCallersContext(acceptKeyed(name, key.fingerprint(), command, queued));
  }

  private Future<RunId> acceptKeyed(
      KeyName key, Digest fingerprint, Command command, RunRecord queued) {
    return switch (live.seek(key)) {
      case KeyHolder.Held(RunId holder, Digest held) ->
          fingerprint.equals(held)
              ? written(command, answer -> live.join(holder, answer)).map(holder)
              : Future.failedFuture(conflict());
      case KeyHolder.Sought(Promise<Void> ended) ->
          ended.future().transform(over -> acceptKeyed(key, fingerprint, command, queued));
      case KeyHolder.Seek(Promise<Void> ended) ->
          lookedUp(
              key,
              ended,
              found -> found.isEmpty() ? add(command, queued) : held(found.get(), fingerprint));
    };
  }

  /** Ends the lookup as soon as {@code then} has begun: by then memory knows who holds the key. */
  private <T> Future<T> lookedUp(
      KeyName key, Promise<Void> ended, Function<Optional<RunReader.KeyedRun>, Future<T>> then) {
    return readers
        .ask(reader -> reader.findByKey(key))
        .transform(
            found -> {
              Future<T> result =
                  found.succeeded()
                      ? then.apply(found.result())
                      : Future.failedFuture(found.cause());
              live.sought(key);
              ended.complete();
              return result;
            });
  }

  private Future<RunId> add(Command command, RunRecord queued) {
    return written(command, answer -> live.add(command, queued, answer)).map(command.id());
  }

  @Override
  public Future<Void> update(Command command, RunRecord record) {
    if (live.find(command.id()).isPresent()) {
      return written(command, answer -> live.update(command, record, answer));
    }
    // It has ended and is on the disk, or nobody has accepted it: then it is accepted now.
    return readers
        .ask(reader -> reader.find(command.id()))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture()
                    : written(command, answer -> live.addOrUpdate(command, record, answer)));
  }

  /** Does a write; a DETACHED command's is over when it is on the disk. */
  private Future<Void> written(
      Command command, Function<LiveRun.@Nullable Answer, LiveRuns.Taken> write) {
    Promise<Void> answered = Promise.promise();
    LiveRun.Answer answer = null;
    if (command.delivery() == Command.Delivery.DETACHED) {
      answer = new ContextAnswer(vertx.getOrCreateContext(), answered);
    }
    return switch (write.apply(answer)) {
      case DONE -> Future.succeededFuture();
      case WAITS -> answered.future();
      case FULL -> Future.failedFuture(Readers.unavailable("too many runs wait for the disk"));
      case CLOSED -> Future.failedFuture(Readers.unavailable("the ledger is closed"));
    };
  }

  /** Goes on where the caller is. */
  private record ContextAnswer(Context context, Promise<Void> promise) implements LiveRun.Answer {
    @Override
    public void written() {
      context.runOnContext(on -> promise.complete());
    }

    @Override
    public void failed() {
      context.runOnContext(
          on -> promise.fail(Readers.unavailable("the run could not be written to the disk")));
    }
  }

  @Override
  public Future<Optional<RunRecord>> find(RunId id) {
    Optional<RunRecord> found = live.find(id);
    return found.isPresent()
        ? Future.succeededFuture(found)
        : readers.ask(reader -> reader.find(id));
  }

  @Override
  public Future<Optional<RunId>> findByKey(
      Principal principal, String tool, Command.IdempotencyKey key) {
    return onCallersContext(findByKey(new KeyName(principal, tool, key), key.fingerprint()));
  }

  private Future<Optional<RunId>> findByKey(KeyName key, Digest fingerprint) {
    return switch (live.seek(key)) {
      case KeyHolder.Held(RunId holder, Digest held) ->
          fingerprint.equals(held)
              ? Future.succeededFuture(Optional.of(holder))
              : Future.failedFuture(conflict());
      case KeyHolder.Sought(Promise<Void> ended) ->
          ended.future().transform(over -> findByKey(key, fingerprint));
      case KeyHolder.Seek(Promise<Void> ended) ->
          lookedUp(
              key,
              ended,
              found ->
                  found.isEmpty()
                      ? Future.succeededFuture(Optional.empty())
                      : held(found.get(), fingerprint).map(Optional::of));
    };
  }

  private static Future<RunId> held(RunReader.KeyedRun found, Digest fingerprint) {
    return found.fingerprint().equals(fingerprint)
        ? Future.succeededFuture(found.run())
        : Future.failedFuture(conflict());
  }

  private static ServiceException conflict() {
    return ServiceException.invalid(
        ErrorCode.IDEMPOTENCY_CONFLICT,
        "the idempotency key was used for another command",
        List.of(
            new Violation(
                "header Idempotency-Key", "a key may be used again only for the same command")));
  }

  @Override
  public Future<Page> list(Query query) {
    return readers.ask(reader -> reader.list(query, live.snapshot()));
  }

  @Override
  public List<Unfinished> recover() {
    return recovered;
  }

  @Override
  public Future<Integer> retain() {
    Promise<Integer> removed = Promise.promise();
    writer.add(new Retention(settings, Instant.now(), removed));
    return onCallersContext(removed.future());
  }

  @Override
  public Future<Predicate<Digest>> references() {
    return readers.ask(
        reader -> {
          BlobReferences references = new BlobReferences();
          live.addReferences(references);
          reader.addReferences(references);
          return references.toPredicate();
        });
  }

  @Override
  public boolean healthy() {
    return writer.healthy();
  }

  @Override
  public void close() {
    writer.close();
    readers.close();
    file.close();
  }

  /** The same, told where the caller is. */
  private <T> Future<T> onCallersContext(Future<T> future) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> told = Promise.promise();
    future.onComplete(result -> caller.runOnContext(on -> told.handle(result)));
    return told.future();
  }
}
