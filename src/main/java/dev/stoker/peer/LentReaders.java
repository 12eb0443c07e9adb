package dev.stoker.peer;

import dev.stoker.cluster.Members;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Question.More;
import dev.stoker.peer.Question.Read;
import dev.stoker.peer.Question.ReaderKey;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Readers of this node's streams that other nodes use. One stays open until its node closes it, has
 * left the cluster, or has asked nothing for a while; the run may end meanwhile. Confined to one
 * context.
 */
final class LentReaders {
  /** A node that lives says so far more often. */
  static final Duration LEASE = Duration.ofSeconds(10);

  private static final int READERS_MAX = 4096;

  private final Vertx vertx;
  private final Members members;
  private final Outputs outputs;
  private final Map<ReaderKey, Lent> open = new HashMap<>();

  LentReaders(Vertx vertx, Members members, Outputs outputs) {
    this.vertx = vertx;
    this.members = members;
    this.outputs = outputs;
  }

  /** Fails with OUTPUT_NOT_FOUND when the run, or a reader of its stream, is not to be had. */
  Future<Answer> read(Read question) {
    Lent lent = lent(question.reader());
    return lent.reader.read(question.offset(), question.max()).map(lent::answer);
  }

  /** Fails as {@link #read}. */
  Future<Answer> more(More question) {
    Lent lent = lent(question.reader());
    Future<Void> more = lent.more(question.offset());
    if (more.isComplete()) {
      return more.map(there -> lent.answer(Buffer.buffer()));
    }
    Promise<Answer> answer = Promise.promise();
    lent.held++;
    long timer =
        vertx.setTimer(
            Question.HOLD.toMillis(), later -> answer.tryComplete(lent.answer(Buffer.buffer())));
    more.onComplete(there -> answer.tryComplete(lent.answer(Buffer.buffer())), answer::tryFail);
    return answer
        .future()
        .onComplete(
            told -> {
              vertx.cancelTimer(timer);
              lent.held--;
              lent.touch();
            });
  }

  /** Fails with OUTPUT_NOT_FOUND when the reader is not open. */
  Future<Answer> stay(ReaderKey key) {
    Lent lent = open.get(key);
    if (lent == null) {
      return Future.failedFuture(notHere(key));
    }
    lent.touch();
    return Future.succeededFuture(lent.answer(Buffer.buffer()));
  }

  /** Closes it; a passed stream that was never read is given up all the same. */
  Future<Answer> close(ReaderKey key) {
    Lent lent = open.remove(key);
    if (lent != null) {
      lent.reader.close();
    } else {
      outputs.live(key.run(), key.stream()).ifPresent(OutputReader::close);
    }
    return Future.succeededFuture(Answer.none(0));
  }

  /** Closes those whose node has gone or is silent. */
  void sweep() {
    long now = System.nanoTime();
    for (Iterator<Map.Entry<ReaderKey, Lent>> each = open.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<ReaderKey, Lent> entry = each.next();
      Lent lent = entry.getValue();
      boolean silent = lent.held == 0 && now - lent.askedNanos > LEASE.toNanos();
      if (silent || !members.isPresent(lent.node)) {
        each.remove();
        lent.reader.close();
      }
    }
  }

  void closeAll() {
    List<Lent> all = List.copyOf(open.values());
    open.clear();
    all.forEach(lent -> lent.reader.close());
  }

  int size() {
    return open.size();
  }

  private Lent lent(ReaderKey key) {
    Lent lent = open.get(key);
    if (lent == null) {
      lent = lend(key);
    }
    lent.touch();
    return lent;
  }

  private Lent lend(ReaderKey key) {
    if (open.size() >= READERS_MAX) {
      throw ServiceException.retryable(
          ErrorCode.CAPACITY_EXCEEDED, "too many read from this node", Duration.ofSeconds(1));
    }
    NodeId node = NodeId.parse(key.node());
    OutputReader reader = outputs.live(key.run(), key.stream()).orElseThrow(() -> notHere(key));
    Lent lent = new Lent(node, reader);
    open.put(key, lent);
    return lent;
  }

  private static ServiceException notHere(ReaderKey key) {
    return new ServiceException(
        ErrorCode.OUTPUT_NOT_FOUND,
        "run " + key.run() + " has no " + key.stream().label() + " to be read here");
  }

  private static final class Lent {
    private final NodeId node;
    private final OutputReader reader;
    private long askedNanos;
    private int held;
    private @Nullable Future<Void> waiting;

    Lent(NodeId node, OutputReader reader) {
      this.node = node;
      this.reader = reader;
    }

    void touch() {
      askedNanos = System.nanoTime();
    }

    /**
     * One wait at a time: a stream forgets a waiter only when it grows, and a silent one is asked
     * again and again. Any growth ends the wait, whatever offset it began with.
     */
    Future<Void> more(long offset) {
      Future<Void> now = waiting;
      if (now == null || now.isComplete()) {
        now = reader.more(offset);
        waiting = now;
      }
      return now;
    }

    /** It has ended only if it had when its size was taken. */
    Answer answer(Buffer bytes) {
      boolean ended = reader.ended();
      return new Answer(bytes, reader.size(), ended);
    }
  }
}
