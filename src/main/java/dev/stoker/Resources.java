package dev.stoker;

import dev.stoker.cluster.Cluster;
import dev.stoker.cluster.Health;
import dev.stoker.cluster.Members;
import dev.stoker.config.Settings;
import dev.stoker.pool.WarmSandboxes;
import dev.stoker.telemetry.Metrics;
import dev.stoker.telemetry.Metrics.About;
import dev.stoker.worker.Census;
import dev.stoker.worker.Workers;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How full disks and pools are, and how the cluster's maps do: what has to be looked for, so that
 * it is sampled. Thread-safe.
 */
record Resources(
    Settings settings, Members members, WarmSandboxes warm, Workers workers, Samples samples) {
  private static final long CENSUS_SECONDS = 2;

  private record Disk(long free, long size) {}

  void register(Metrics metrics) {
    disks(metrics);
    pools(metrics);
    workers(metrics);
    if (members instanceof Cluster cluster) {
      cluster(metrics, cluster);
    }
  }

  private void disks(Metrics metrics) {
    Map<String, Path> uses = new LinkedHashMap<>();
    uses.put("work", settings.executor().workDirectory());
    uses.put("spool", settings.output().directory());
    uses.put("blobs", settings.blobs().directory());
    uses.forEach(
        (use, directory) -> {
          Supplier<@Nullable Disk> disk = samples.of(directory.toString(), () -> disk(directory));
          Map<String, String> labels = Map.of("use", use);
          metrics.gauge(
              new About("disk.free", "bytes", "Room on the disk, for Stoker's user"),
              labels,
              number(disk, Disk::free));
          metrics.gauge(
              new About("disk.size", "bytes", "Size of the disk"),
              labels,
              number(disk, Disk::size));
        });
  }

  private static Disk disk(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    return new Disk(store.getUsableSpace(), store.getTotalSpace());
  }

  private void pools(Metrics metrics) {
    metrics.gauges(
        new About("warm.sandboxes", "Sandboxes that wait for a run"),
        List.of("tool"),
        () -> byTool(warm.counts().readyByTool(), Integer::doubleValue));
    metrics.count(
        new About("warm.taken", "Runs that took a sandbox that waited"),
        warm,
        pool -> pool.counts().taken());
    metrics.count(
        new About("warm.cold", "Runs of tools with a pool for which no sandbox waited"),
        warm,
        pool -> pool.counts().cold());
    metrics.count(
        new About("warm.lost", "Sandboxes that died while they waited"),
        warm,
        pool -> pool.counts().lost());
  }

  private void workers(Metrics metrics) {
    Supplier<@Nullable Map<String, Census>> census =
        samples.of("workers", () -> workers.census().get(CENSUS_SECONDS, TimeUnit.SECONDS));
    metrics.gauges(
        new About("workers", "Persistent workers"),
        List.of("tool", "state"),
        () -> {
          Map<List<String>, Double> rows = new LinkedHashMap<>();
          orNone(census)
              .forEach(
                  (tool, all) -> {
                    rows.put(List.of(tool, "starting"), (double) all.starting());
                    rows.put(List.of(tool, "idle"), (double) all.idle());
                    rows.put(List.of(tool, "busy"), (double) all.busy());
                    rows.put(List.of(tool, "leaving"), (double) all.leaving());
                  });
          return rows;
        });
    metrics.gauges(
        new About("worker.queue.depth", "Runs that have a slot and wait for a worker"),
        List.of("tool"),
        () -> byTool(orNone(census), all -> all.waiting()));
  }

  private static Map<String, Census> orNone(Supplier<@Nullable Map<String, Census>> census) {
    Map<String, Census> all = census.get();
    return all == null ? Map.of() : all;
  }

  private void cluster(Metrics metrics, Cluster cluster) {
    Supplier<@Nullable Health> health = samples.of("the cluster", cluster::health);
    metrics.gauge(
        new About("cluster.safe", "Whether no partition of the cluster's maps lacks a backup"),
        number(health, seen -> seen.safe() ? 1 : 0));
    metrics.gauge(
        new About("cluster.partitions", "Partitions of the cluster's maps that are this node's"),
        number(health, Health::partitionsOwned));
    metrics.gauges(
        new About("cluster.map.entries", "Entries of the cluster's maps that this node holds"),
        List.of("map", "copy"),
        () -> {
          Map<List<String>, Double> rows = new LinkedHashMap<>();
          maps(health)
              .forEach(
                  (map, share) -> {
                    rows.put(List.of(map, "owned"), (double) share.entries());
                    rows.put(List.of(map, "backup"), (double) share.backups());
                  });
          return rows;
        });
    metrics.gauges(
        new About("cluster.map", "bytes", "Heap of this node that the cluster's maps take"),
        List.of("map"),
        () -> byTool(maps(health), Health.Share::bytes));
  }

  private static Map<String, Health.Share> maps(Supplier<@Nullable Health> health) {
    Health seen = health.get();
    return seen == null ? Map.of() : seen.maps();
  }

  /** Not a number while nobody knows. */
  private static <T> Supplier<Number> number(Supplier<@Nullable T> sample, ToLongFunction<T> of) {
    return () -> {
      T seen = sample.get();
      return seen == null ? Double.NaN : (double) of.applyAsLong(seen);
    };
  }

  private static <T> Map<List<String>, Double> byTool(
      Map<String, T> all, ToDoubleFunction<T> value) {
    Map<List<String>, Double> rows = new LinkedHashMap<>();
    all.forEach((name, one) -> rows.put(List.of(name), value.applyAsDouble(one)));
    return rows;
  }
}
