package dev.stoker.ledger;

import com.hazelcast.core.HazelcastInstance;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Captured;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.OutputFile;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A ledger in a directory, and runs to write down. */
final class LedgerFixture implements AutoCloseable {
  static final int WAITING_MAX = 1000;
  static final Duration KEEP_FOR = Duration.ofDays(7);

  private final LedgerSettings settings;
  final Vertx vertx = Vertx.vertx();
  private final String node;
  private final @Nullable HazelcastInstance cluster;
  private long epoch;
  Ledger ledger;

  LedgerFixture(Path directory) throws IOException {
    this(Backend.SQLITE, directory);
  }

  LedgerFixture(Backend backend, Path directory) throws IOException {
    this(backend.settings(directory, 1_000_000), "node-abcd");
  }

  LedgerFixture(LedgerSettings settings, String node) throws IOException {
    this(settings, new NodeId(node, 1), null);
  }

  LedgerFixture(LedgerSettings settings, NodeId self, @Nullable HazelcastInstance cluster)
      throws IOException {
    this.settings = settings;
    this.node = self.name();
    this.epoch = self.epoch();
    this.cluster = cluster;
    this.ledger = opened();
  }

  private Ledger opened() throws IOException {
    return cluster == null
        ? Ledger.open(vertx, settings, self())
        : Ledger.open(vertx, settings, self(), cluster);
  }

  static LedgerSettings settings(Path directory, int keepRuns) {
    return Backend.SQLITE.settings(directory, keepRuns);
  }

  void reopen() throws IOException {
    ledger.close();
    epoch++;
    ledger = opened();
  }

  NodeId self() {
    return new NodeId(node, epoch);
  }

  /** Takes over all that earlier lives did not end. */
  List<Ledger.Unfinished> takeOverAll() {
    List<Ledger.Unfinished> all = new ArrayList<>();
    for (NodeId home : await(ledger.orphaned(Set.of()))) {
      List<Ledger.Unfinished> some = await(ledger.takeOver(home, 100));
      while (!some.isEmpty()) {
        all.addAll(some);
        some = await(ledger.takeOver(home, 100));
      }
    }
    return all;
  }

  /** Accepts a run. */
  Command accept(Command command) {
    await(ledger.accept(command, queued(command)));
    return command;
  }

  /** Accepts a run and ends it. */
  RunRecord run(Command command) {
    accept(command);
    RunRecord ended = succeeded(command);
    await(ledger.update(command, ended));
    return ended;
  }

  static Command command(String tool, Command.Delivery delivery) {
    return command(tool, delivery, null);
  }

  static Command command(
      String tool, Command.Delivery delivery, Command.@Nullable IdempotencyKey key) {
    return new Command(
        RunId.next(),
        tool,
        new JsonObject().put("seconds", 3),
        Map.of("video", digest("video")),
        new Stdin.Inline(new byte[] {0, 1, -1}),
        Principal.ANONYMOUS,
        Command.PRIORITY_DEFAULT,
        Duration.ofSeconds(7),
        System.nanoTime(),
        now(),
        delivery,
        Command.CacheControl.USE,
        key,
        TraceContext.begin());
  }

  static Command.IdempotencyKey key(String key, String content) {
    return new Command.IdempotencyKey(key, digest(content));
  }

  static RunRecord queued(Command command) {
    return RunRecord.queued(command, CacheUse.MISS);
  }

  static RunRecord running(Command command) {
    return queued(command).started(now(), 1, "node-1");
  }

  static RunRecord succeeded(Command command) {
    return ended(command, now());
  }

  static RunRecord ended(Command command, Instant at) {
    return running(command)
        .ended(
            new Outcome.Succeeded(),
            at,
            null,
            new Captured("hello", null, 5, false, digest("stdout " + command.id())),
            Captured.EMPTY,
            Map.of("avi", new OutputFile(digest("avi " + command.id()), 3, "video/x-msvideo")),
            null);
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  static Digest digest(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("not within 30 s", e);
    }
  }

  @Override
  public void close() {
    ledger.close();
    await(vertx.close());
  }
}
