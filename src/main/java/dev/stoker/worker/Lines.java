package dev.stoker.worker;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Cuts a stream into lines. A blank line is passed over where it follows one that is not. Confined
 * to one thread.
 */
final class Lines {
  private final int bytesMax;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private boolean blankBefore = true;

  /**
   * At the beginning of a line.
   *
   * @param bytesMax of a line, without its end
   */
  Lines(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Takes all of a chunk.
   *
   * @param line hears of each line that is complete now, without its end
   * @return false when a line is too long or there are only blank ones; what follows is of no use
   */
  boolean add(ByteBuffer chunk, Consumer<byte[]> line) {
    while (chunk.hasRemaining()) {
      int length = lengthOfLine(chunk);
      boolean ends = length < chunk.remaining();
      if (begun.size() + (long) length > bytesMax) {
        return false;
      }
      byte[] piece = new byte[length];
      chunk.get(piece);
      begun.writeBytes(piece);
      if (ends) {
        chunk.get();
        if (!end(line)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether something of a line is there whose end is not. */
  boolean hasBegun() {
    return begun.size() > 0;
  }

  private boolean end(Consumer<byte[]> line) {
    byte[] whole = begun.toByteArray();
    begun.reset();
    boolean blank = isBlank(whole);
    boolean bad = blank && blankBefore;
    blankBefore = blank;
    if (!blank) {
      line.accept(whole);
    }
    return !bad;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static int lengthOfLine(ByteBuffer chunk) {
    int length = 0;
    while (length < chunk.remaining() && chunk.get(chunk.position() + length) != '\n') {
      length++;
    }
    return length;
  }
}
