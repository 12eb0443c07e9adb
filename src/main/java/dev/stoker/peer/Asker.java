package dev.stoker.peer;

import dev.stoker.cluster.Members;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks other nodes. A question is asked again when no answer comes, as long as its node is present;
 * it fails as soon as the node is not. Thread-safe.
 */
final class Asker implements AutoCloseable {
  private static final String ADDRESS = "stoker.v1.bytes.";

  /** A node that has just come may not be known as a listener everywhere yet. */
  private static final int UNHEARD_MAX = 20;

  private static final long UNHEARD_PAUSE_MILLIS = 100;

  private final Vertx vertx;
  private final Members members;
  private final Set<Asked> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Asker(Vertx vertx, Members members) {
    this.vertx = vertx;
    this.members = members;
    members.onChange(this::dropGone);
  }

  static String address(NodeId node) {
    return ADDRESS + node;
  }

  /**
   * Asks, and completes on the caller's context. Fails with the ServiceException that the other
   * node failed with, or NODE_NOT_FOUND when it has gone or does not answer.
   */
  Future<Answer> ask(NodeId node, Question question) {
    Asked asked = new Asked(node, question, vertx.getOrCreateContext());
    open.add(asked);
    asked.send();
    return asked.answer.future();
  }

  private void dropGone() {
    open.stream().filter(asked -> !reaches(asked.node)).forEach(Asked::gone);
  }

  private boolean reaches(NodeId node) {
    return !closed && members.isPresent(node);
  }

  @Override
  public void close() {
    closed = true;
    dropGone();
  }

  /** One question. Its promise is completed on its context only. */
  private final class Asked {
    private final NodeId node;
    private final Question question;
    private final Context context;
    private final JsonObject body;
    private final DeliveryOptions options;
    private final Promise<Answer> answer = Promise.promise();
    private int sent;
    private int unheard;

    Asked(NodeId node, Question question, Context context) {
      this.node = node;
      this.question = question;
      this.context = context;
      this.body = question.toJson();
      this.options = new DeliveryOptions().setSendTimeout(question.patience().toMillis());
    }

    void send() {
      if (!reaches(node)) {
        gone();
        return;
      }
      vertx
          .eventBus()
          .<Buffer>request(address(node), body, options)
          .map(Answer::read)
          .onComplete(
              told -> on(() -> answer.tryComplete(told)), failed -> on(() -> again(failed)));
    }

    private void on(Runnable then) {
      if (context.equals(Vertx.currentContext())) {
        run(then);
      } else {
        context.runOnContext(now -> run(then));
      }
    }

    private void run(Runnable then) {
      then.run();
      if (answer.future().isComplete()) {
        open.remove(this);
      }
    }

    private void again(Throwable failed) {
      ReplyFailure kind =
          failed instanceof ReplyException reply ? reply.failureType() : ReplyFailure.ERROR;
      switch (kind) {
        case RECIPIENT_FAILURE -> answer.tryFail(told((ReplyException) failed));
        case NO_HANDLERS -> {
          if (++unheard < UNHEARD_MAX && !answer.future().isComplete()) {
            vertx.setTimer(UNHEARD_PAUSE_MILLIS, later -> send());
          } else {
            answer.tryFail(unreachable());
          }
        }
        case TIMEOUT, ERROR -> {
          if (++sent < question.triesMax() && !answer.future().isComplete()) {
            send();
          } else {
            answer.tryFail(unreachable());
          }
        }
      }
    }

    void gone() {
      on(() -> answer.tryFail(unreachable()));
    }

    private ServiceException unreachable() {
      return new ServiceException(
          ErrorCode.NODE_NOT_FOUND, "node " + node.name() + " has gone or does not answer");
    }

    private ServiceException told(ReplyException failure) {
      for (ErrorCode code : ErrorCode.values()) {
        if (code.number() == failure.failureCode()) {
          return new ServiceException(code, String.valueOf(failure.getMessage()));
        }
      }
      return new ServiceException(ErrorCode.INTERNAL, "node " + node.name() + " failed", failure);
    }

    @Override
    public String toString() {
      return question + " to " + node;
    }
  }
}
