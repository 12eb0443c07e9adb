package dev.stoker.ledger;

import dev.stoker.ledger.LedgerSettings.WithoutStore;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link LiveRuns} before tables. Thread-safe. */
final class SqlLedger implements Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(SqlLedger.class);
  private static final Duration DELAY = Duration.ofMillis(100);

  private final Vertx vertx;
  private final LedgerSettings settings;
  private final NodeId self;
  private final Database database;
  private final @Nullable GridMaps maps;
  private final @Nullable GridReads grid;
  private final LiveRuns live;
  private final @Nullable GridCommit shared;
  private final GroupCommit writer;
  private final Readers readers;
  private volatile Consumer<RunId> fenced = run -> {};

  private SqlLedger(
      Vertx vertx, LedgerSettings settings, NodeId self, Database database, @Nullable GridMaps maps)
      throws SQLException {
    this.maps = maps;
    this.grid = maps == null ? null : new GridReads(maps);
    this.vertx = vertx;
    this.settings = settings;
    this.self = self;
    this.database = database;
    this.live = new LiveRuns(settings.waitingMax(), DELAY);
    this.readers = new Readers(vertx, database, database.readers());
    this.shared = maps == null ? null : new GridCommit(maps, self, live);
    this.writer = new GroupCommit(live, database, shared, self, run -> fenced.accept(run));
  }

  static SqlLedger open(
      Vertx vertx, LedgerSettings settings, NodeId self, @Nullable Supplier<GridMaps> cluster)
      throws IOException {
    SharedStore shared = settings.shared();
    Database database =
        shared == null
            ? SqliteFile.open(settings.directory())
            : PostgresStore.open(shared, settings.lease());
    try {
      // The shared store decides where there is one.
      GridMaps maps = cluster == null || shared != null ? null : cluster.get();
      SqlLedger ledger = new SqlLedger(vertx, settings, self, database, maps);
      ledger.writer.start();
      return ledger;
    } catch (SQLException e) {
      database.close();
      throw database.explain(e);
    }
  }

  @Override
  public boolean isStrict() {
    return settings.synchronous() == WithoutStore.REFUSE;
  }

  @Override
  public Future<RunId> accept(Command command, RunRecord queued) {
    boolean mustBeWritten = command.isDurable() || isStrict();
    if (mustBeWritten && !writer.healthy()) {
      return Future.failedFuture(Readers.unavailable("the ledger cannot be written now"));
    }
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
              ? written(command, answer -> live.join(holder, answer))
                  .compose(fate -> accepted(fate, holder, command))
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
        .compose(
            here ->
                here.isPresent() || grid == null
                    ? Future.succeededFuture(here)
                    : asked(grid.findByKey(key)))
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
    return written(command, answer -> live.add(command, queued, answer))
        .compose(fate -> accepted(fate, command.id(), command));
  }

  private static Future<RunId> accepted(Fate fate, RunId run, Command command) {
    Command.IdempotencyKey key = command.idempotencyKey();
    return switch (fate) {
      case Fate.KeyTaken(RunReader.KeyedRun by) when key != null -> held(by, key.fingerprint());
      case Fate.Written(), Fate.Failed(), Fate.Fenced(), Fate.KeyTaken(RunReader.KeyedRun _) ->
          done(fate).map(run);
    };
  }

  private static Future<Void> done(Fate fate) {
    return switch (fate) {
      case Fate.Written() -> Future.succeededFuture();
      case Fate.Failed() ->
          Future.failedFuture(Readers.unavailable("the run could not be written to the disk"));
      case Fate.Fenced(), Fate.KeyTaken(RunReader.KeyedRun _) -> Future.failedFuture(fenced());
    };
  }

  private static ServiceException fenced() {
    return new ServiceException(ErrorCode.FENCED, "the run is another node's");
  }

  @Override
  public Future<Void> update(Command command, RunRecord record) {
    if (live.holds(command.id())) {
      return written(command, answer -> live.update(command, record, answer))
          .compose(SqlLedger::done);
    }
    // It has ended and is on the disk, was taken over, or nobody has accepted it: then it is now.
    return locate(command.id())
        .compose(
            found -> {
              if (found.isEmpty()) {
                return written(command, answer -> live.addOrUpdate(command, record, answer))
                    .compose(SqlLedger::done);
              }
              return found.get().record().state().isTerminal()
                  ? Future.succeededFuture()
                  : Future.failedFuture(fenced());
            });
  }

  /** Does a write; a durable command's is over when its fate is known. */
  private Future<Fate> written(
      Command command, Function<LiveRun.@Nullable Answer, LiveRuns.Taken> write) {
    Promise<Fate> answered = Promise.promise();
    LiveRun.Answer answer = null;
    if (command.isDurable()) {
      Context caller = vertx.getOrCreateContext();
      answer = fate -> caller.runOnContext(on -> answered.complete(fate));
    }
    return taken(write.apply(answer), answered);
  }

  private static Future<Fate> taken(LiveRuns.Taken taken, Promise<Fate> answered) {
    return switch (taken) {
      case DONE -> Future.succeededFuture(new Fate.Written());
      case WAITS -> answered.future();
      case FULL -> Future.failedFuture(Readers.unavailable("too many runs wait for the disk"));
      case CLOSED -> Future.failedFuture(Readers.unavailable("the ledger is closed"));
    };
  }

  @Override
  public Future<Optional<Located>> locate(RunId id) {
    Optional<RunRecord> found = live.find(id);
    return found.isPresent()
        ? Future.succeededFuture(
            found.map(run -> new Located(run, run.state().isTerminal() ? null : self)))
        : readers.ask(reader -> reader.locate(id)).compose(here -> locate(id, here));
  }

  /** This node's own book has the ends that it has seen, but maybe also a run that it lost. */
  private Future<Optional<Located>> locate(RunId id, Optional<Located> here) {
    boolean hasEnded = here.isPresent() && here.get().record().state().isTerminal();
    return grid == null || hasEnded
        ? Future.succeededFuture(here)
        : asked(grid.find(id)).map(there -> there.isPresent() ? there : here);
  }

  /** What the cluster answers, told where the caller is. */
  private <T> Future<T> asked(CompletableFuture<T> question) {
    return Future.fromCompletionStage(question, vertx.getOrCreateContext())
        .recover(
            e -> {
              LOG.warn("the cluster's maps could not be read: {}", String.valueOf(e));
              return Future.failedFuture(Readers.unavailable("the cluster does not answer now"));
            });
  }

  @Override
  public Future<Set<NodeId>> orphaned(Set<NodeId> present) {
    return readers
        .ask(reader -> Set.copyOf(reader.strangers(self)))
        .compose(
            here ->
                grid == null
                    ? Future.succeededFuture(here)
                    : asked(grid.homes()).map(there -> union(here, there)))
        .map(
            homes -> {
              Set<NodeId> gone = new HashSet<>(homes);
              gone.remove(self);
              gone.removeIf(home -> present.contains(home) && !isEarlierLife(home));
              return gone;
            });
  }

  private static Set<NodeId> union(Set<NodeId> some, Set<NodeId> others) {
    Set<NodeId> all = new HashSet<>(some);
    all.addAll(others);
    return all;
  }

  private boolean isEarlierLife(NodeId home) {
    return home.name().equals(self.name()) && home.epoch() < self.epoch();
  }

  @Override
  public Future<List<Unfinished>> takeOver(NodeId from, int max) {
    Promise<List<Unfinished>> taken = Promise.promise();
    writer.add(new TakeOver(new TakeOver.Request(self, from, max), live, shared, taken));
    return onCallersContext(taken.future());
  }

  @Override
  public Future<Void> handOver(RunId run) {
    Context caller = vertx.getOrCreateContext();
    Promise<Fate> answered = Promise.promise();
    LiveRun.Answer answer = fate -> caller.runOnContext(on -> answered.complete(fate));
    return taken(live.leave(run, answer), answered).compose(SqlLedger::done);
  }

  @Override
  public void onFenced(Consumer<RunId> listener) {
    fenced = listener;
  }

  @Override
  public Future<Optional<RunRecord>> find(RunId id) {
    return locate(id).map(found -> found.map(Located::record));
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
  public int unwritten() {
    return live.unwritten();
  }

  @Override
  public long failures() {
    return writer.failures();
  }

  @Override
  public void close() {
    writer.close();
    readers.close();
    if (maps != null) {
      maps.close();
    }
    database.close();
  }

  /** The same, told where the caller is. */
  private <T> Future<T> onCallersContext(Future<T> future) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> told = Promise.promise();
    future.onComplete(result -> caller.runOnContext(on -> told.handle(result)));
    return told.future();
  }
}
