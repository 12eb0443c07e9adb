package dev.stoker.ledger;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gives an unfinished run of one node to another: as it is then, or null. Immutable. */
record GridTake(@Nullable String from, @Nullable String taker)
    implements EntryProcessor<String, byte[], byte @Nullable []> {
  private static final long serialVersionUID = 1L;

  @Override
  public byte @Nullable [] process(Map.Entry<String, byte[]> entry) {
    byte @Nullable [] there = entry.getValue();
    if (there == null) {
      return null;
    }
    GridRun run = GridRun.decode(there);
    if (run.hasEnded() || !Objects.equals(run.home(), from)) {
      return null;
    }
    byte[] taken = run.takenBy(taker).encode();
    entry.setValue(taken);
    return taken;
  }
}
