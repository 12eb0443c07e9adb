package dev.stoker.ledger;

import com.hazelcast.map.EntryProcessor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run that is still its writer's, or not there: {@link #REFUSED}, {@link #CHANGED} or
 * {@link #CREATED}. What was written before is written again, so a repeated try succeeds.
 * Immutable.
 */
record GridPut(byte[] run, @Nullable String writer)
    implements EntryProcessor<String, byte[], Integer> {
  static final int REFUSED = 0;
  static final int CHANGED = 1;
  static final int CREATED = 2;
  private static final long serialVersionUID = 1L;

  @Override
  public Integer process(Map.Entry<String, byte[]> entry) {
    byte @Nullable [] there = entry.getValue();
    if (there == null) {
      entry.setValue(run);
      return CREATED;
    }
    if (!Arrays.equals(there, run)
        && !GridRun.decode(run).mayReplace(GridRun.decode(there), writer)) {
      return REFUSED;
    }
    entry.setValue(run);
    return CHANGED;
  }
}
