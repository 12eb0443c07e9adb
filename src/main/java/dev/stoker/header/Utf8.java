package dev.stoker.header;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** UTF-8 as it is defined: nothing is replaced by something else. */
public final class Utf8 {
  private static final int HEX = 16;
  private static final int TRIPLET = 3;

  private Utf8() {}

  /** The text of some bytes; empty when they are not UTF-8. */
  public static Optional<String> decode(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The bytes of a text; empty when half a surrogate pair is in it. */
  public static Optional<byte[]> encode(String text) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return Optional.of(bytes);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether what a percent-encoded text stands for is UTF-8, and each percent sign has its digits.
   */
  public static boolean isPercentEncoded(String text) {
    if (text.indexOf('%') < 0) {
      return true;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        // What is not encoded is of no account here; it only has to end a sequence.
        bytes.write(c < 0x80 ? c : '?');
        continue;
      }
      int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), HEX) : -1;
      int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), HEX);
      if (low < 0) {
        return false;
      }
      bytes.write(high * HEX + low);
      i += TRIPLET - 1;
    }
    return decode(bytes.toByteArray()).isPresent();
  }
}
