package dev.stoker.run;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a record holds of one stream. Exactly one of {@code text} and {@code base64} is there: text
 * when the kept bytes are UTF-8, else base64.
 *
 * <p>Immutable.
 *
 * @param bytes how many bytes the process wrote and Stoker kept
 * @param truncated whether the text holds less than the process wrote
 * @param blob the whole of what was kept, when that is more than the text holds
 */
public record Captured(
    @Nullable String text,
    @Nullable String base64,
    long bytes,
    boolean truncated,
    @Nullable Digest blob) {

  /** A stream nothing was written to. */
  public static final Captured EMPTY = new Captured("", null, 0, false, null);

  public Captured {
    if ((text == null) == (base64 == null)) {
      throw new IllegalArgumentException("a captured stream is either text or base64");
    }
  }

  /** Holds {@code kept}, of {@code bytes} in all. */
  public static Captured of(byte[] kept, long bytes, boolean truncated, @Nullable Digest blob) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(kept)).toString();
      return new Captured(text, null, bytes, truncated, blob);
    } catch (CharacterCodingException notText) {
      return new Captured(null, Base64.getEncoder().encodeToString(kept), bytes, truncated, blob);
    }
  }

  /** The bytes that {@code text} or {@code base64} stands for. */
  public byte[] content() {
    return text != null
        ? text.getBytes(StandardCharsets.UTF_8)
        : Base64.getDecoder().decode(java.util.Objects.requireNonNull(base64));
  }
}
