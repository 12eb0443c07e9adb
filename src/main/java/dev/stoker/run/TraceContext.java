package dev.stoker.run;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where in a distributed trace something happens, as <a
 * href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a> tells it from program to
 * program.
 *
 * <p>Immutable. Every command has one, whether or not spans are exported.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId of the span that this happens under: 16 such digits, not all zero
 * @param sampling whether the spans of this trace are kept
 * @param state what vendors add, as in {@code tracestate}; empty for nothing
 */
@JsonSerialize(using = TraceContextJson.Writer.class)
@JsonDeserialize(using = TraceContextJson.Reader.class)
public record TraceContext(String traceId, String spanId, Sampling sampling, String state) {
  private static final int TRACE_DIGITS = 32;
  private static final int SPAN_DIGITS = 16;
  private static final int TRACE_BEGIN = 3;
  private static final int SPAN_BEGIN = TRACE_BEGIN + TRACE_DIGITS + 1;
  private static final int FLAGS_BEGIN = SPAN_BEGIN + SPAN_DIGITS + 1;
  private static final int PARENT_LENGTH = FLAGS_BEGIN + 2;
  private static final HexFormat HEX = HexFormat.of();

  /** Whether a trace's spans are kept. */
  public enum Sampling {
    KEPT,
    NOT_KEPT
  }

  public TraceContext {
    if (!isId(traceId, TRACE_DIGITS) || !isId(spanId, SPAN_DIGITS)) {
      throw new IllegalArgumentException(
          "not a trace's and a span's id: " + traceId + ", " + spanId);
    }
  }

  /** The beginning of a trace that nobody has heard of. */
  public static TraceContext begin() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String trace = HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(notZero(random));
    return new TraceContext(trace, HEX.toHexDigits(notZero(random)), Sampling.NOT_KEPT, "");
  }

  /**
   * What a caller's header fields say; the beginning of a new trace where they say nothing that can
   * be understood, as the standard wants it.
   *
   * @param parent the value of {@code traceparent}; null for none
   * @param state the values of {@code tracestate}, joined by commas; null for none
   */
  public static TraceContext of(@Nullable String parent, @Nullable String state) {
    return read(parent, state).orElseGet(TraceContext::begin);
  }

  /** The same; empty where they say nothing that can be understood. */
  public static Optional<TraceContext> read(@Nullable String parent, @Nullable String state) {
    TraceContext told = parent == null ? null : parse(parent);
    if (told == null) {
      return Optional.empty();
    }
    return Optional.of(
        state == null || state.isEmpty() ? told : told.with(TraceState.checked(state)));
  }

  private static @Nullable TraceContext parse(String parent) {
    if (parent.length() < PARENT_LENGTH
        || parent.charAt(TRACE_BEGIN - 1) != '-'
        || parent.charAt(SPAN_BEGIN - 1) != '-'
        || parent.charAt(FLAGS_BEGIN - 1) != '-') {
      return null;
    }
    String version = parent.substring(0, 2);
    String trace = parent.substring(TRACE_BEGIN, SPAN_BEGIN - 1);
    String span = parent.substring(SPAN_BEGIN, FLAGS_BEGIN - 1);
    String flags = parent.substring(FLAGS_BEGIN, PARENT_LENGTH);
    if (!isHex(version)
        || version.equals("ff")
        || !isHex(flags)
        || !isId(trace, TRACE_DIGITS)
        || !isId(span, SPAN_DIGITS)) {
      return null;
    }
    // Of later versions only this much is known, and that more comes after a dash.
    boolean ends = parent.length() == PARENT_LENGTH;
    if (!ends && (version.equals("00") || parent.charAt(PARENT_LENGTH) != '-')) {
      return null;
    }
    boolean kept = (HexFormat.fromHexDigits(flags) & 1) == 1;
    return new TraceContext(trace, span, kept ? Sampling.KEPT : Sampling.NOT_KEPT, "");
  }

  /** The value of {@code traceparent} that tells this to the next program. */
  public String parent() {
    return "00-" + traceId + '-' + spanId + (sampling == Sampling.KEPT ? "-01" : "-00");
  }

  /** The same under another span of the same trace. */
  public TraceContext under(String span, Sampling decided) {
    return new TraceContext(traceId, span, decided, state);
  }

  private TraceContext with(String vendors) {
    return new TraceContext(traceId, spanId, sampling, vendors);
  }

  private static long notZero(ThreadLocalRandom random) {
    long value = random.nextLong();
    return value == 0 ? 1 : value;
  }

  private static boolean isId(String text, int digits) {
    if (text.length() != digits || !isHex(text)) {
      return false;
    }
    for (int i = 0; i < digits; i++) {
      if (text.charAt(i) != '0') {
        return true;
      }
    }
    return false;
  }

  private static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return true;
  }
}
