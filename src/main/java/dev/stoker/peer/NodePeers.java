package dev.stoker.peer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Question.ReaderKey;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node among others. Thread-safe: what answers and what transfers is confined to one context of
 * its own, everything else is shared safely.
 */
final class NodePeers implements Peers {
  private static final Logger LOG = LoggerFactory.getLogger(NodePeers.class);
  private static final Duration SWEEP = Duration.ofSeconds(1);
  private static final Duration STAY = Duration.ofSeconds(3);
  private static final int SPREADS_AT_ONCE_MAX = 2;
  private static final int SPREADS_WAITING_MAX = 256;

  private final Vertx vertx;
  private final Members members;
  private final BlobStore blobs;
  private final Context context;
  private final Asker asker;
  private final Set<RemoteReader> readers = ConcurrentHashMap.newKeySet();

  // Confined to the context.
  private final Transfers transfers;
  private final LentReaders lent;
  private final Turns spreads = new Turns(SPREADS_AT_ONCE_MAX, SPREADS_WAITING_MAX);
  private final Set<Digest> spreading = new HashSet<>();
  private @Nullable MessageConsumer<JsonObject> consumer;
  private long timer;

  private volatile boolean closed;

  NodePeers(Vertx vertx, Members members, BlobStore blobs, Outputs outputs) {
    this.vertx = vertx;
    this.members = members;
    this.blobs = blobs;
    this.context = vertx.getOrCreateContext();
    this.asker = new Asker(vertx, members);
    this.transfers = new Transfers(members, blobs, asker);
    this.lent = new LentReaders(vertx, members, outputs);
    Answerer answerer = new Answerer(vertx, blobs, lent, transfers);
    context.runOnContext(now -> serve(answerer));
    members.onChange(this::membersChanged);
  }

  /** Also called when this is closed, and Vert.x too. */
  private void membersChanged() {
    if (!closed) {
      context.runOnContext(now -> lent.sweep());
    }
  }

  private void serve(Answerer answerer) {
    if (closed) {
      return;
    }
    String address = Asker.address(members.self());
    consumer = vertx.eventBus().consumer(address, answerer::answer);
    consumer.completion().onFailure(e -> LOG.error("nobody can ask {}", address, e));
    timer =
        vertx.setPeriodic(
            SWEEP.toMillis(),
            tick -> {
              lent.sweep();
              readers.forEach(reader -> reader.stay(STAY));
            });
  }

  @Override
  public Future<Optional<Blob>> obtain(Digest digest, @Nullable String likely) {
    try {
      Optional<Blob> here = blobs.find(digest);
      if (here.isPresent()) {
        return Future.succeededFuture(here);
      }
    } catch (ServiceException e) {
      return Future.failedFuture(e);
    }
    Context caller = vertx.getOrCreateContext();
    Promise<Optional<Blob>> result = Promise.promise();
    context.runOnContext(
        now ->
            transfer(digest, likely)
                .onComplete(done -> caller.runOnContext(then -> result.handle(done))));
    return result.future();
  }

  private Future<Optional<Blob>> transfer(Digest digest, @Nullable String likely) {
    try {
      return transfers.obtain(digest, likely);
    } catch (ServiceException e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public void spread(Digest digest) {
    context.runOnContext(now -> spreadNow(digest));
  }

  private void spreadNow(Digest digest) {
    if (closed || !spreading.add(digest)) {
      return;
    }
    spreads
        .take(() -> keepElsewhere(digest))
        .onComplete(
            done -> {
              spreading.remove(digest);
              if (done.failed()) {
                LOG.debug("{} is not kept elsewhere: {}", digest, done.cause().getMessage());
              }
            });
  }

  private Future<?> keepElsewhere(Digest digest) {
    List<NodeId> others =
        members.present().values().stream()
            .filter(node -> !node.draining())
            .map(NodeInfo::id)
            .filter(node -> !node.equals(members.self()))
            .toList();
    Optional<String> name = Rendezvous.pick(digest, others.stream().map(NodeId::name).toList());
    return others.stream()
        .filter(node -> name.equals(Optional.of(node.name())))
        .findFirst()
        .<Future<?>>map(node -> asker.ask(node, new Question.Keep(digest, members.self().name())))
        .orElseGet(Future::succeededFuture);
  }

  @Override
  public Optional<OutputReader> output(String node, RunId run, StdStream stream) {
    return transfers.others().stream()
        .filter(other -> other.name().equals(node))
        .findFirst()
        .map(
            owner -> {
              ReaderKey key = ReaderKey.next(members.self().toString(), run, stream);
              RemoteReader reader = new RemoteReader(vertx, asker, owner, key, readers::remove);
              readers.add(reader);
              reader.open();
              return reader;
            });
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    asker.close();
    context.runOnContext(now -> closeNow());
  }

  private void closeNow() {
    vertx.cancelTimer(timer);
    MessageConsumer<JsonObject> serving = consumer;
    if (serving != null) {
      serving
          .unregister()
          .onFailure(e -> LOG.debug("the others see for themselves: {}", e.getMessage()));
    }
    lent.closeAll();
  }
}
