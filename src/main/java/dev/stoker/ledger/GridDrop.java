package dev.stoker.ledger;

import com.hazelcast.map.EntryProcessor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Removes a run that still is as it was: whether it was. Immutable. */
record GridDrop(byte[] run) implements EntryProcessor<String, byte[], Boolean> {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // to remove an entry is to set it to null
  public Boolean process(Map.Entry<String, byte[]> entry) {
    byte @Nullable [] there = entry.getValue();
    if (there == null || !Arrays.equals(there, run)) {
      return false;
    }
    entry.setValue(null);
    return true;
  }
}
