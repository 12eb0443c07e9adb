package dev.stoker.trace;

import dev.stoker.run.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * Begins spans. Thread-safe; nothing here blocks, but for {@link #close}, and nothing fails.
 *
 * <p>Whoever begins a span ends it; one that is never ended is never told of. What a caller has
 * decided about its trace is obeyed; of the traces that begin here a part is recorded.
 */
public interface Tracing extends AutoCloseable {

  /** What a span is to the one it is under, as OpenTelemetry has it. */
  enum Kind {
    /** A request is answered. */
    SERVER,
    /** A message is sent. */
    PRODUCER,
    /** A message that was sent is worked on. */
    CONSUMER,
    INTERNAL
  }

  /** Records nothing, costs next to nothing, and hands contexts on as they are. */
  static Tracing off() {
    return Unrecorded.TRACING;
  }

  /**
   * Records for a collector; {@link #close} sends what is left.
   *
   * @param settings null records nothing
   * @param node this node's name
   * @param version of Stoker
   */
  static Tracing open(@Nullable TraceSettings settings, String node, String version) {
    return settings == null ? off() : RecordedTracing.open(settings, node, version);
  }

  /** Whether anything is recorded at all. */
  boolean isOn();

  /**
   * Begins what somebody outside has asked for.
   *
   * @param parent the {@code traceparent} that came with it; null for none
   * @param state the {@code tracestate} that came with it; null for none
   */
  Span accept(Kind kind, String name, @Nullable String parent, @Nullable String state);

  /** Begins a part of something. */
  Span begin(Kind kind, String name, TraceContext under);

  /**
   * The same of a part that began before.
   *
   * @param nanos of {@link System#nanoTime}, when it began
   */
  Span begin(Kind kind, String name, TraceContext under, long nanos);

  /** What has become of the spans that were ended. */
  Counts counts();

  /** Sends what is left, for a few seconds at most, and records nothing any more. Blocks. */
  @Override
  void close();

  /**
   * What has become of spans since the start.
   *
   * @param exported that the collector has taken
   * @param dropped that found the queue full, or were left when it was closed
   * @param failed that the collector did not take
   */
  record Counts(long exported, long dropped, long failed) {
    static final Counts NONE = new Counts(0, 0, 0);
  }
}
