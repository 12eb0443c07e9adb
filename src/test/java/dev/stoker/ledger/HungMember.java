package dev.stoker.ledger;

import com.hazelcast.cluster.Member;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.IMap;
import com.hazelcast.partition.Partition;
import dev.stoker.cluster.Cluster;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A member of this JVM that is present, and on whose threads for maps nothing is done. */
final class HungMember implements AutoCloseable {
  private static final Map<String, CountDownLatch> HUNG = new ConcurrentHashMap<>();
  private static final Set<String> STUCK = ConcurrentHashMap.newKeySet();

  private final String name;

  /**
   * @param other through which it is asked
   */
  HungMember(Cluster other, Cluster member) {
    this.name = member.hazelcast().getName() + " " + System.nanoTime();
    HUNG.put(name, new CountDownLatch(1));
    Member hung = member.hazelcast().getCluster().getLocalMember();
    IMap<String, String> map = other.hazelcast().getMap("hung");
    Set<Integer> asked = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 10_000; i++) {
      String key = "key " + i;
      Partition partition = other.hazelcast().getPartitionService().getPartition(key);
      if (hung.equals(partition.getOwner()) && asked.add(partition.getPartitionId())) {
        map.submitToKey(key, new Hang(name));
      }
    }
  }

  void awaitStuck() {
    Awaitility.await().until(() -> STUCK.contains(name));
  }

  /** Stays until it is let go. */
  private record Hang(String name) implements EntryProcessor<String, String, @Nullable Void> {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Void process(Map.Entry<String, String> entry) {
      CountDownLatch latch = HUNG.get(name);
      STUCK.add(name);
      try {
        if (latch != null && !latch.await(60, TimeUnit.SECONDS)) {
          throw new IllegalStateException("not let go");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return null;
    }
  }

  @Override
  public void close() {
    Objects.requireNonNull(HUNG.get(name)).countDown();
  }
}
