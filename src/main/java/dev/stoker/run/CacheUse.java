package dev.stoker.run;

import java.util.Locale;

/** What the result cache had to do with a run, as the record's {@code cache} field says it. */
public enum CacheUse {
  /** Looked up, not there; the run was made. */
  MISS,
  /** An earlier run's result. */
  HIT,
  /** The result of an equal run that was under way. */
  COLLAPSED,
  /** The tool is not cached, or the caller went round the cache. */
  BYPASS;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads {@link #label()}. */
  public static CacheUse parse(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
