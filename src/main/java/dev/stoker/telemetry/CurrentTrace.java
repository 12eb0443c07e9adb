package dev.stoker.telemetry;

import dev.stoker.run.TraceContext;
import dev.stoker.run.TraceContext.Sampling;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * Whose numbers are being recorded, by thread, so that a histogram can name a trace as an example.
 * Thread-safe.
 *
 * <p>Numbers are told when something is over, where no span of its own is bound to the thread: so
 * the trace is given with them.
 */
final class CurrentTrace implements SpanContext {
  /** Of all instances: it is set only while a thread records. */
  private static final ThreadLocal<@Nullable TraceContext> CURRENT = new ThreadLocal<>();

  /** Records under a trace. One that is not kept is none: an example of it would lead nowhere. */
  void during(@Nullable TraceContext trace, Runnable records) {
    if (trace == null || trace.sampling() != Sampling.KEPT) {
      records.run();
      return;
    }
    CURRENT.set(trace);
    try {
      records.run();
    } finally {
      CURRENT.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    TraceContext trace = CURRENT.get();
    return trace == null ? null : trace.traceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    TraceContext trace = CURRENT.get();
    return trace == null ? null : trace.spanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return CURRENT.get() != null;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // Whether a trace is kept was decided when it began; it is not to be kept for this.
  }
}
