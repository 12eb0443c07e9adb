package dev.stoker.trace;

import dev.stoker.run.TraceContext;
import org.jspecify.annotations.Nullable;

/** A span that nobody sees. Immutable. */
record Unrecorded(TraceContext context) implements Span {
  static final Tracing TRACING = new Off();

  @Override
  public boolean isRecorded() {
    return false;
  }

  @Override
  public Span name(String better) {
    return this;
  }

  @Override
  public Span set(String key, @Nullable String value) {
    return this;
  }

  @Override
  public Span set(String key, long value) {
    return this;
  }

  @Override
  public Span link(TraceContext other) {
    return this;
  }

  @Override
  public Span fail(String kind, @Nullable String reason) {
    return this;
  }

  @Override
  public void end() {}

  @Override
  public void end(long nanos) {}

  /** Begins nothing else. Immutable. */
  private static final class Off implements Tracing {
    @Override
    public boolean isOn() {
      return false;
    }

    @Override
    public Span accept(Kind kind, String name, @Nullable String parent, @Nullable String state) {
      return new Unrecorded(TraceContext.of(parent, state));
    }

    @Override
    public Span begin(Kind kind, String name, TraceContext under) {
      return new Unrecorded(under);
    }

    @Override
    public Span begin(Kind kind, String name, TraceContext under, long nanos) {
      return new Unrecorded(under);
    }

    @Override
    public Counts counts() {
      return Counts.NONE;
    }

    @Override
    public void close() {}
  }
}
