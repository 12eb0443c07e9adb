package dev.stoker.ledger;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import com.hazelcast.spi.merge.SplitBrainMergeTypes.MapMergeTypes;
import org.jspecify.annotations.Nullable;

/** After a split: the newer fence wins, then the end. Stateless; made by its name. */
public final class GridMerge
    implements SplitBrainMergePolicy<byte[], MapMergeTypes<String, byte[]>, byte[]> {
  @Override
  public byte @Nullable [] merge(
      MapMergeTypes<String, byte[]> merging, @Nullable MapMergeTypes<String, byte[]> existing) {
    byte @Nullable [] theirs = existing == null ? null : existing.getDeserializedValue();
    byte[] ours = merging.getDeserializedValue();
    if (theirs == null) {
      return ours;
    }
    return GridRun.decode(theirs).merged(GridRun.decode(ours)).encode();
  }

  @Override
  public void writeData(ObjectDataOutput out) {
    // It has no state.
  }

  @Override
  public void readData(ObjectDataInput in) {
    // It has no state.
  }
}
