package dev.stoker.executor;

import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.process.ProcessEnd;
import dev.stoker.run.Exit;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.trace.Span;
import dev.stoker.trace.SpanNames;
import dev.stoker.trace.Tracing;
import dev.stoker.trace.Tracing.Kind;

/**
 * What of an attempt is told as spans: all of it, and once it is over how long its parts took.
 * Confined to the executor's context.
 */
final class AttemptSpans {
  private final Tracing tracing;
  private final Execute execute;
  private final Span attempt;

  private AttemptSpans(Tracing tracing, Execute execute, Span attempt) {
    this.tracing = tracing;
    this.execute = execute;
    this.attempt = attempt;
  }

  /**
   * An order has its slot.
   *
   * @param address that it was sent to
   */
  static AttemptSpans begin(Tracing tracing, Execute execute, String address) {
    Span attempt =
        tracing.begin(Kind.CONSUMER, SpanNames.ATTEMPT, execute.order().command().trace());
    AttemptSpans spans = new AttemptSpans(tracing, execute, attempt);
    if (attempt.isRecorded()) {
      spans
          .about(attempt)
          .set(SpanNames.PLACEMENT, execute.order().placement())
          .set(SpanNames.MESSAGING, "vertx")
          .set(SpanNames.OPERATION, "process")
          .set(SpanNames.DESTINATION, address);
    }
    return spans;
  }

  /** The order, under its attempt. */
  Execute order() {
    return execute.under(attempt.context());
  }

  /** It is over, and {@code record} says how. */
  void end(Attempt over, RunRecord record) {
    if (!attempt.isRecorded()) {
      return;
    }
    AttemptTimes times = over.times();
    long now = System.nanoTime();
    RunState state = over.outcome().state();
    if (times.startedAt() == null) {
      part(SpanNames.START, times.slotNanos()).ended(state, record.reason());
    } else {
      part(SpanNames.START, times.slotNanos())
          .set(SpanNames.OUTCOME, "started")
          .end(times.startedNanos());
      ProcessEnd end = over.end();
      if (end == null) {
        part(SpanNames.EXECUTION, times.startedNanos()).ended(state, record.reason());
      } else {
        executed(over, end, record);
        part(SpanNames.COLLECTION, times.endedNanos()).ended(state, record.reason(), now);
      }
    }
    attempt.ended(state, record.reason());
  }

  private void executed(Attempt over, ProcessEnd end, RunRecord record) {
    Span execution = part(SpanNames.EXECUTION, over.times().startedNanos());
    if (end.usage() != null) {
      execution.set(SpanNames.CPU_MILLIS, end.usage().cpuMillis());
    }
    if (end.exit() instanceof Exit.Code(int code)) {
      execution.set(SpanNames.EXIT_CODE, code);
    }
    boolean well = end.verdict() == null && !over.stopped() && end.exit().equals(new Exit.Code(0));
    long at = over.times().endedNanos();
    if (well) {
      // What may be wrong with the run all the same was found when its files were collected.
      execution.ended(RunState.SUCCEEDED, null, at);
    } else {
      execution.ended(over.outcome().state(), record.reason(), at);
    }
  }

  private Span part(String name, long beganNanos) {
    return about(tracing.begin(Kind.INTERNAL, name, attempt.context(), beganNanos));
  }

  private Span about(Span span) {
    return span.set(SpanNames.RUN_ID, execute.order().command().id().toString())
        .set(SpanNames.TOOL, execute.order().command().tool())
        .set(SpanNames.TRY, execute.order().attempt());
  }
}
