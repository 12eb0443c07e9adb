package dev.stoker.run;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.UUID;

/**
 * A run's name: a UUID of version 7 (RFC 9562), so ids sort by the millisecond they were made in.
 *
 * <p>Immutable.
 */
public record RunId(UUID value) implements Comparable<RunId> {
  private static final int TEXT_LENGTH = 36;
  private static final TimeBasedEpochGenerator GENERATOR = Generators.timeBasedEpochGenerator();

  /** A new id, unlike any other. Thread-safe. */
  public static RunId next() {
    return new RunId(GENERATOR.generate());
  }

  /**
   * Reads the 36-character form.
   *
   * @throws IllegalArgumentException when the text is not a UUID in its canonical form
   */
  public static RunId parse(String text) {
    if (text.length() != TEXT_LENGTH) {
      throw new IllegalArgumentException("a run id has " + TEXT_LENGTH + " characters");
    }
    return new RunId(UUID.fromString(text));
  }

  @Override
  public int compareTo(RunId other) {
    int high =
        Long.compareUnsigned(value.getMostSignificantBits(), other.value.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(
            value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
