package dev.stoker.run;

import java.util.Locale;

/** What the result cache had to do with a run, as the record's {@code cache} field says it. */
public enum CacheUse {
  /** Looked up, not there; the run was made. */
  MISS,
  /** An earlier run's result, from this node's memory. */
  HIT,
  /** An earlier run's result, from the cluster; its label is that of any hit. */
  CLUSTER_HIT,
  /** The result of an equal run that was under way. */
  COLLAPSED,
  /** The tool is not cached, or the caller went round the cache. */
  BYPASS;

  public String label() {
    return this == CLUSTER_HIT ? HIT.label() : name().toLowerCase(Locale.ROOT);
  }

  /** Reads {@link #label()}: a hit is {@link #HIT}. */
  public static CacheUse parse(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
