package dev.stoker.header;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One range of bytes as asked for (RFC 9110, section 14). Immutable.
 *
 * @param first the first byte; -1 for the last {@code last} bytes
 * @param last the last byte, {@link Long#MAX_VALUE} for all that follow
 */
public record ByteRange(long first, long last) {
  private static final String NAME = "Range";
  private static final Pattern FORM = Pattern.compile("bytes\\s*=\\s*(\\d{0,18})-(\\d{0,18})");

  /**
   * A part of something.
   *
   * @param offset of its first byte
   * @param length in bytes, at least one
   */
  public record Slice(long offset, long length) {
    /** For {@code Content-Range}. */
    public String of(long size) {
      return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
    }
  }

  /**
   * Reads a {@code Range} field. Empty without one, for another unit, and for several ranges: the
   * standard lets a server answer those with all of it.
   *
   * @throws dev.stoker.run.ServiceException INVALID_REQUEST when it is not a range of bytes
   */
  public static Optional<ByteRange> parse(@Nullable String field) {
    if (field == null || !field.stripLeading().startsWith("bytes") || field.indexOf(',') >= 0) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(field.trim());
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      throw malformed(field);
    }
    if (matcher.group(1).isEmpty()) {
      return Optional.of(new ByteRange(-1, Long.parseLong(matcher.group(2))));
    }
    long first = Long.parseLong(matcher.group(1));
    long last = matcher.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
    if (last < first) {
      throw malformed(field);
    }
    return Optional.of(new ByteRange(first, last));
  }

  /** The part of {@code size} bytes that is meant; empty when none of it is there. */
  public Optional<Slice> in(long size) {
    long from = first >= 0 ? first : Math.max(0, size - last);
    long to = first >= 0 ? Math.min(last, size - 1) : size - 1;
    return from > to ? Optional.empty() : Optional.of(new Slice(from, to - from + 1));
  }

  private static RuntimeException malformed(String field) {
    return Malformed.header(NAME, field, "one range, as in bytes=0-99, bytes=100- or bytes=-100");
  }
}
