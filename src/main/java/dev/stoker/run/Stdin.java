package dev.stoker.run;

import java.util.Arrays;

/** What a process reads from its standard input. Immutable. */
public sealed interface Stdin {
  /** Nothing: end of file at once. */
  record None() implements Stdin {}

  /** A few bytes carried along, at most {@link #INLINE_BYTES_MAX}. */
  record Inline(byte[] bytes) implements Stdin {
    public Inline {
      if (bytes.length > INLINE_BYTES_MAX) {
        throw new IllegalArgumentException(
            bytes.length + " bytes of stdin are too many to carry; a blob holds them");
      }
      bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Inline that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "Inline[" + bytes.length + " bytes]";
    }
  }

  /** A blob's content. */
  record Blob(Digest digest) implements Stdin {}

  /** The largest {@link Inline}: what a pipe holds on Linux, so that feeding it cannot stall. */
  int INLINE_BYTES_MAX = 64 * 1024;
}
