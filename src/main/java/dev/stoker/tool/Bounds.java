package dev.stoker.tool;

import dev.stoker.run.ByteSize;
import dev.stoker.run.DurationText;
import dev.stoker.schema.Mistakes;
import dev.stoker.schema.Values;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Fills in defaults and holds what a file asks for against the maxima. Confined to one reading. */
final class Bounds {
  private final Mistakes mistakes;

  Bounds(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  ByteSize size(@Nullable ByteSize asked, CatalogSettings.Bound<ByteSize> bound, String path) {
    if (asked == null) {
      return bound.byDefault();
    }
    if (asked.bytes() > bound.max().bytes()) {
      mistakes.add(path, asked + " is more than this node allows; allowed: at most " + bound.max());
    }
    return asked;
  }

  Duration duration(@Nullable Duration asked, CatalogSettings.Bound<Duration> bound, String path) {
    if (asked == null) {
      return bound.byDefault();
    }
    if (asked.compareTo(bound.max()) > 0) {
      mistakes.add(
          path,
          DurationText.format(asked)
              + " is more than this node allows; allowed: at most "
              + DurationText.format(bound.max()));
    }
    return asked;
  }

  /** A duration of more than nothing. */
  Duration positive(@Nullable Duration asked, CatalogSettings.Bound<Duration> bound, String path) {
    Duration duration = duration(asked, bound, path);
    if (duration.isZero()) {
      mistakes.add(path, "must be longer than zero");
    }
    return duration;
  }

  int count(@Nullable Integer asked, int least, CatalogSettings.Bound<Integer> bound, String path) {
    if (asked == null) {
      return bound.byDefault();
    }
    if (asked < least || asked > bound.max()) {
      mistakes.add(path, asked + " is not allowed; allowed: " + least + " to " + bound.max());
    }
    return asked;
  }

  /** A number that has no maximum of its own; null when the file says nothing. */
  void atLeast(@Nullable Number asked, double least, String path) {
    if (asked != null && !(asked.doubleValue() >= least)) {
      mistakes.add(path, asked + " is not allowed; allowed: at least " + Values.text(least));
    }
  }

  /** A number; nothing when the file says nothing. */
  void within(@Nullable Number asked, double least, double most, String path) {
    if (asked != null && !(asked.doubleValue() >= least && asked.doubleValue() <= most)) {
      mistakes.add(
          path,
          asked + " is not allowed; allowed: " + Values.text(least) + " to " + Values.text(most));
    }
  }

  /** A size of more than nothing; nothing when the file says nothing. */
  void within(@Nullable ByteSize asked, ByteSize most, String path) {
    if (asked != null && (asked.bytes() == 0 || asked.bytes() > most.bytes())) {
      mistakes.add(path, asked + " is not allowed; allowed: 1B to " + most);
    }
  }
}
