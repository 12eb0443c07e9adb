package dev.stoker.dispatch;

import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.executor.Executor;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.TraceContext;
import dev.stoker.trace.Span;
import dev.stoker.trace.SpanNames;
import dev.stoker.trace.Tracing;
import dev.stoker.trace.Tracing.Kind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What of a command is told as spans at its home: all of it, under that each time it waits in the
 * queue and each placement. Confined to the dispatcher's context.
 */
final class RunSpans {
  private final Tracing tracing;
  private final Command command;
  private final Span dispatch;
  private @Nullable Span queue;
  private @Nullable Span place;

  private RunSpans(Tracing tracing, Command command, Span dispatch) {
    this.tracing = tracing;
    this.command = command;
    this.dispatch = dispatch;
  }

  /** The command is here. */
  static RunSpans begin(Tracing tracing, Command command) {
    Span dispatch = tracing.begin(Kind.INTERNAL, SpanNames.DISPATCH, command.trace());
    RunSpans spans = new RunSpans(tracing, command, dispatch);
    if (dispatch.isRecorded()) {
      spans.about(dispatch).set(SpanNames.PRINCIPAL, command.principal().name());
    }
    return spans;
  }

  boolean isRecorded() {
    return dispatch.isRecorded();
  }

  /** What is done for the run here is under this. */
  TraceContext context() {
    return dispatch.context();
  }

  /** The command as an executor is to have it: under the placement that counts. */
  Command placed() {
    return place == null ? command : command.traced(place.context());
  }

  /** The result of another run will be this one's. */
  void joined(TraceContext leader) {
    dispatch.link(leader);
  }

  /** The run goes from one phase to another. */
  void enter(Phase from, Phase to) {
    if (!dispatch.isRecorded()) {
      return;
    }
    boolean ends = to == Phase.ENDING || to == Phase.ENDED;
    if (ends) {
      // What is open ends with the run, and says how.
      return;
    }
    if (from == Phase.QUEUED) {
      queue = close(queue, to.name().toLowerCase(Locale.ROOT));
    }
    place = close(place, "void");
    if (to == Phase.QUEUED) {
      queue = about(tracing.begin(Kind.INTERNAL, SpanNames.QUEUE, dispatch.context()));
    }
  }

  /** It is asked of an executor. */
  void place(NodeId on, int attempt, int placement) {
    if (dispatch.isRecorded()) {
      place =
          about(tracing.begin(Kind.PRODUCER, SpanNames.PLACE, dispatch.context()))
              .set(SpanNames.EXECUTOR, on.name())
              .set(SpanNames.TRY, attempt)
              .set(SpanNames.PLACEMENT, placement)
              .set(SpanNames.MESSAGING, "vertx")
              .set(SpanNames.OPERATION, "send")
              .set(SpanNames.DESTINATION, Executor.address(on));
    }
  }

  /** The executor has said a word to the placement that counts. */
  void answered(String word) {
    place = close(place, word.toLowerCase(Locale.ROOT));
  }

  /** It has not. */
  void unanswered(Throwable why) {
    if (place != null) {
      place.fail("unanswered", why.getMessage());
    }
    answered("unanswered");
  }

  /** There was a result, or a run of the same idempotency key. */
  void found(CacheUse use, RunState state) {
    dispatch.set(SpanNames.CACHE, use.label()).set(SpanNames.OUTCOME, state.label()).end();
  }

  /** The run is over; {@code record} is what its callers hear. The first end counts. */
  void ended(RunRecord record) {
    queue = end(queue, record);
    place = end(place, record);
    dispatch.set(SpanNames.CACHE, record.cache().label());
    end(dispatch, record);
  }

  /** It is nothing to this node any more, or never was. */
  void abandoned(String code, @Nullable String reason) {
    queue = close(queue, "abandoned");
    place = close(place, "abandoned");
    dispatch.set(SpanNames.OUTCOME, "refused").fail(code, reason).end();
  }

  private static @Nullable Span end(@Nullable Span span, RunRecord record) {
    if (span != null) {
      span.ended(record.state(), record.reason());
    }
    return null;
  }

  private static @Nullable Span close(@Nullable Span span, String outcome) {
    if (span != null) {
      span.set(SpanNames.OUTCOME, outcome).end();
    }
    return null;
  }

  private Span about(Span span) {
    return span.set(SpanNames.RUN_ID, command.id().toString()).set(SpanNames.TOOL, command.tool());
  }
}
