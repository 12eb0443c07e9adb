package dev.stoker.peer;

import dev.stoker.output.OutputReader;
import dev.stoker.peer.Question.ReaderKey;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a stream of another node. Nothing is pulled but what was asked for. What it knows of the
 * stream's size and end is what the last answer said. Thread-safe; one lock.
 */
final class RemoteReader implements OutputReader {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteReader.class);

  private final Vertx vertx;
  private final Asker asker;
  private final NodeId owner;
  private final ReaderKey key;
  private final Consumer<RemoteReader> closedHandler;

  // Guarded by this.
  private final List<Wait> waits = new ArrayList<>(1);
  private long asked;
  private long learned;
  private long askedNanos;
  private int unanswered;
  private long size;
  private boolean ended;
  private boolean closed;

  RemoteReader(
      Vertx vertx, Asker asker, NodeId owner, ReaderKey key, Consumer<RemoteReader> closedHandler) {
    this.vertx = vertx;
    this.asker = asker;
    this.owner = owner;
    this.key = key;
    this.closedHandler = closedHandler;
  }

  /** Opens it there now, so that it is open when the run ends. */
  void open() {
    read(0, 0).onFailure(e -> LOG.debug("{} is not open: {}", key, e.getMessage()));
  }

  @Override
  public synchronized long size() {
    return size;
  }

  @Override
  public synchronized boolean ended() {
    return ended;
  }

  @Override
  public Future<Buffer> read(long offset, int max) {
    return ask(new Question.Read(key, offset, Math.min(max, Question.PIECE_BYTES_MAX)))
        .map(Answer::bytes);
  }

  @Override
  public Future<Void> more(long offset) {
    Wait wait = new Wait(offset, vertx.getOrCreateContext());
    synchronized (this) {
      if (closed || size > offset || ended) {
        return Future.succeededFuture();
      }
      waits.add(wait);
    }
    wait.ask();
    return wait.done.future();
  }

  /** Has the owner keep the stream although nobody has asked for anything lately. */
  void stay(Duration silence) {
    synchronized (this) {
      if (closed || unanswered > 0 || System.nanoTime() - askedNanos < silence.toNanos()) {
        return;
      }
    }
    ask(new Question.Stay(key)).onFailure(e -> LOG.debug("{} is lost: {}", key, e.getMessage()));
  }

  @Override
  public void close() {
    List<Wait> waiting;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      waiting = List.copyOf(waits);
      waits.clear();
    }
    closedHandler.accept(this);
    ask(new Question.Close(key)).onFailure(e -> LOG.debug("{} went: {}", key, e.getMessage()));
    waiting.forEach(Wait::complete);
  }

  private Future<Answer> ask(Question question) {
    long number;
    synchronized (this) {
      number = ++asked;
      unanswered++;
      askedNanos = System.nanoTime();
    }
    return asker
        .ask(owner, question)
        .transform(
            answer -> {
              synchronized (this) {
                unanswered--;
                askedNanos = System.nanoTime();
              }
              return answer.succeeded()
                  ? Future.succeededFuture(learn(number, answer.result()))
                  : Future.failedFuture(explain(answer.cause()));
            });
  }

  /** Answers may overtake each other; the one to the newest question counts. */
  private Answer learn(long number, Answer answer) {
    synchronized (this) {
      if (number > learned && !closed) {
        learned = number;
        size = answer.size();
        ended = answer.ended();
      }
    }
    return answer;
  }

  private Throwable explain(Throwable cause) {
    return cause instanceof ServiceException service && service.code() == ErrorCode.NODE_NOT_FOUND
        ? new ServiceException(
            ErrorCode.OUTPUT_NOT_FOUND, "node " + owner.name() + ", which ran it, has gone", cause)
        : cause;
  }

  /** Somebody who waits for more than {@code offset} bytes. */
  private final class Wait {
    private final long offset;
    private final Context context;
    private final Promise<Void> done = Promise.promise();

    Wait(long offset, Context context) {
      this.offset = offset;
      this.context = context;
    }

    void ask() {
      RemoteReader.this
          .ask(new Question.More(key, offset))
          .onComplete(
              answer -> {
                if (done.future().isComplete()) {
                  return;
                }
                if (answer.size() > offset || answer.ended()) {
                  forget();
                  done.tryComplete();
                } else {
                  ask();
                }
              },
              failed -> {
                forget();
                done.tryFail(failed);
              });
    }

    void complete() {
      context.runOnContext(now -> done.tryComplete());
    }

    private void forget() {
      synchronized (RemoteReader.this) {
        waits.remove(this);
      }
    }
  }
}
