package dev.stoker.telemetry;

import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose numbers are being recorded, by thread, so that a histogram can name a trace as an example.
 * Thread-safe.
 *
 * <p>Numbers are told when a run has ended, where no span of its own is bound to the thread: so the
 * trace is given with them, as the W3C's {@code traceparent} (Trace Context, level 1).
 */
final class CurrentTrace implements SpanContext {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");
  private static final int TRACE_BEGIN = 3;
  private static final int TRACE_END = 35;
  private static final int SPAN_BEGIN = 36;
  private static final int SPAN_END = 52;
  private static final int FLAGS_BEGIN = 53;
  private static final int FLAGS_END = 55;

  private final ThreadLocal<@Nullable String> traceparent = new ThreadLocal<>();

  /** Records under a trace; a null one, or what is no {@code traceparent}, is none. */
  void during(@Nullable String trace, Runnable records) {
    if (trace == null || !TRACEPARENT.matcher(trace).matches()) {
      records.run();
      return;
    }
    traceparent.set(trace);
    try {
      records.run();
    } finally {
      traceparent.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    String current = traceparent.get();
    return current == null ? null : current.substring(TRACE_BEGIN, TRACE_END);
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    String current = traceparent.get();
    return current == null ? null : current.substring(SPAN_BEGIN, SPAN_END);
  }

  /** An example that no trace was kept of leads nowhere. */
  @Override
  public boolean isCurrentSpanSampled() {
    String current = traceparent.get();
    return current != null && (Integer.parseInt(current, FLAGS_BEGIN, FLAGS_END, 16) & 1) == 1;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // Whether a trace is kept was decided when it began; it is not to be kept for this.
  }
}
