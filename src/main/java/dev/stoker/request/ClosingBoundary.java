package dev.stoker.request;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Looks for the boundary that closes a multipart body, at the beginning of a line, in whatever
 * pieces the body comes. What is after it is the epilogue, of any length. Confined to one context.
 */
final class ClosingBoundary {
  private static final int BYTE_VALUES = 256;

  private final byte[] wanted;

  /** By the value of the byte under the end of the pattern: how far the pattern may move on. */
  private final int[] steps = new int[BYTE_VALUES];

  /** As if a line had ended before the body: it may be its first. */
  private Buffer tail = Buffer.buffer("\n");

  private boolean seen;

  ClosingBoundary(String boundary) {
    wanted = ("\n--" + boundary + "--").getBytes(StandardCharsets.ISO_8859_1);
    Arrays.fill(steps, wanted.length);
    for (int i = 0; i < wanted.length - 1; i++) {
      steps[wanted[i] & 0xFF] = wanted.length - 1 - i;
    }
  }

  void take(Buffer chunk) {
    if (seen) {
      return;
    }
    // Where a chunk ends in the boundary, the next one has the rest of it.
    int head = Math.min(chunk.length(), wanted.length - 1);
    Buffer seam = tail.copy().appendBuffer(chunk, 0, head);
    seen = contains(seam) || contains(chunk);
    Buffer last = chunk.length() >= wanted.length ? chunk : seam;
    tail = last.getBuffer(Math.max(0, last.length() - wanted.length + 1), last.length());
  }

  boolean seen() {
    return seen;
  }

  /** Horspool's search: it looks at few of the bytes, since a boundary is long. */
  private boolean contains(Buffer bytes) {
    int last = wanted.length - 1;
    int at = last;
    while (at < bytes.length()) {
      int back = 0;
      while (back <= last && bytes.getByte(at - back) == wanted[last - back]) {
        back++;
      }
      if (back > last) {
        return true;
      }
      at += steps[bytes.getByte(at) & 0xFF];
    }
    return false;
  }
}
