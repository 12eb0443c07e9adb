package dev.stoker.ledger;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.map.EntryProcessor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whose an unfinished run is; empty for nobody's, null for an ended one. Immutable. */
record GridHome() implements EntryProcessor<String, byte[], @Nullable String>, ReadOnly {
  private static final long serialVersionUID = 1L;

  /** Those that have one. */
  static Map<String, String> ofUnfinished(Map<String, @Nullable String> homes) {
    Map<String, String> unfinished = HashMap.newHashMap(homes.size());
    homes.forEach(
        (run, home) -> {
          if (home != null) {
            unfinished.put(run, home);
          }
        });
    return unfinished;
  }

  @Override
  public @Nullable String process(Map.Entry<String, byte[]> entry) {
    byte @Nullable [] there = entry.getValue();
    if (there == null) {
      return null;
    }
    GridRun run = GridRun.decode(there);
    if (run.hasEnded()) {
      return null;
    }
    return run.home() == null ? "" : run.home();
  }

  @Override
  public @Nullable EntryProcessor<String, byte[], @Nullable String> getBackupProcessor() {
    return null;
  }
}
