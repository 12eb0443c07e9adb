package dev.stoker.trace;

import dev.stoker.run.TraceContext;
import io.opentelemetry.api.trace.StatusCode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A span of OpenTelemetry's SDK. Thread-safe, as that is. */
record Recorded(io.opentelemetry.api.trace.Span span, TraceContext context) implements Span {
  @Override
  public boolean isRecorded() {
    return true;
  }

  @Override
  public Span name(String better) {
    span.updateName(better);
    return this;
  }

  @Override
  public Span set(String key, @Nullable String value) {
    if (value != null) {
      span.setAttribute(key, value);
    }
    return this;
  }

  @Override
  public Span set(String key, long value) {
    span.setAttribute(key, value);
    return this;
  }

  @Override
  public Span link(TraceContext other) {
    span.addLink(RecordedTracing.context(other));
    return this;
  }

  @Override
  public Span fail(String kind, @Nullable String reason) {
    span.setAttribute(SpanNames.ERROR_TYPE, kind);
    span.setStatus(StatusCode.ERROR, reason == null ? "" : reason);
    return this;
  }

  @Override
  public void end() {
    span.end();
  }

  @Override
  public void end(long nanos) {
    span.end(RecordedTracing.epochNanos(nanos), TimeUnit.NANOSECONDS);
  }
}
