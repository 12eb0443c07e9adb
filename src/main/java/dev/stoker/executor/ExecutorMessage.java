package dev.stoker.executor;

import dev.stoker.cache.CacheKey;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.TraceContext;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import org.jspecify.annotations.Nullable;

/** What an executor is told. Immutable. */
public sealed interface ExecutorMessage {
  /**
   * Run this. The reply, at once, is an {@link Answer}; what becomes of it goes to the home as
   * {@link AttemptNews}. By itself it says what a node with the same catalog entry needs.
   *
   * @param definition of the tool, as hexadecimal SHA-256
   * @param executable of the program that {@code key} is about; empty where there is no key
   * @param key where a success is stored; null for nowhere
   * @param record as it stands before the attempt
   * @param attempt 1 for the first
   * @param placement counts what the home has asked for of this run: news of an earlier one is void
   * @param home who decides on the run
   */
  record Order(
      Command command,
      String definition,
      String executable,
      Invocation invocation,
      @Nullable CacheKey key,
      RunRecord record,
      int attempt,
      int placement,
      NodeId home)
      implements ExecutorMessage {}

  /** An order to this node's own executor, which need not look the tool up. Stays in this JVM. */
  record Execute(Order order, Tool tool) implements ExecutorMessage {
    /** The same under another span of its trace. */
    Execute under(TraceContext trace) {
      return trace.equals(order.command.trace())
          ? this
          : new Execute(
              new Order(
                  order.command.traced(trace),
                  order.definition,
                  order.executable,
                  order.invocation,
                  order.key,
                  order.record,
                  order.attempt,
                  order.placement,
                  order.home),
              tool);
    }

    Command command() {
      return order.command();
    }

    Invocation invocation() {
      return order.invocation();
    }
  }

  /** End this placement of a run; nothing happens when it is not here. No reply. */
  record Cancel(RunId run, NodeId home, int placement, String reason) implements ExecutorMessage {}

  /**
   * Another home answers for this run from now on. The reply is {@link Adoption}.
   *
   * @param placement as the new home counts
   */
  record Adopt(RunId run, int attempt, int placement, NodeId home) implements ExecutorMessage {}

  /** The answer to {@link Order} and {@link Execute}. */
  record Answer(Ack ack, NodeLoad load) {}

  /** What becomes of an order. */
  enum Ack {
    ACCEPTED,
    /** No slot is free for the tool, or this run is here already. */
    BUSY,
    /** This node's catalog has another entry, or none that can run. */
    OTHER_TOOL
  }

  /** The answer to {@link Adopt}. */
  sealed interface Adoption {
    /** It runs; its end goes to the new home. */
    record Running(RunRecord record) implements Adoption {}

    /** It has ended, and nobody has heard so. */
    record Over(AttemptNews.OfRun end) implements Adoption {}

    /** This attempt is not here. It will not begin here either. */
    record Unknown() implements Adoption {}
  }
}
