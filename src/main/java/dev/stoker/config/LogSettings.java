package dev.stoker.config;

/**
 * What the log looks like and what is in it. Immutable.
 *
 * @param requests whether each HTTP request has a line
 */
public record LogSettings(Format format, Level level, Runs runs, boolean requests) {
  /** How a line looks. */
  public enum Format {
    PLAIN,
    JSON
  }

  /** The least that is told. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** Which runs have a line at their end. */
  public enum Runs {
    ALL,
    /** Those that did not succeed. */
    BAD,
    NONE
  }
}
