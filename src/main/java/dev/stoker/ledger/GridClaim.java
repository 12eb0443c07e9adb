package dev.stoker.ledger;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives a key that nobody has to a run: who has it already, or null. Immutable. */
record GridClaim(byte[] holder) implements EntryProcessor<String, byte[], byte @Nullable []> {
  private static final long serialVersionUID = 1L;

  @Override
  public byte @Nullable [] process(Map.Entry<String, byte[]> entry) {
    byte @Nullable [] there = entry.getValue();
    if (there == null) {
      entry.setValue(holder);
    }
    return there;
  }
}
