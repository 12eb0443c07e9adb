package dev.stoker.ledger;

import com.hazelcast.config.EvictionConfig;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The live state of durable runs where no store is shared: maps of the cluster, each entry on two
 * members. They decide whose a run and a key are; a member's own file is behind them. Thread-safe;
 * blocks.
 */
final class Grid {
  static final int PATIENCE_SECONDS = 2;

  /** As the cluster names what refuses writes on the smaller side of a split. */
  private static final String PROTECTION = "stoker";

  private static final String PROBE = "probe";
  private static final int ENDED_SECONDS = 3600;
  private static final int ENDED_PER_MEMBER = 20_000;

  private final IMap<String, byte[]> runs;
  private final IMap<String, byte[]> ended;
  private final IMap<String, byte[]> keys;

  Grid(HazelcastInstance hazelcast, LedgerSettings settings) {
    MapConfig live =
        map(hazelcast, "stoker.ledger.runs")
            // A merge policy is given whole entries only with these.
            .setPerEntryStatsEnabled(true)
            .setMergePolicyConfig(new MergePolicyConfig().setPolicy(GridMerge.class.getName()));
    MapConfig past =
        map(hazelcast, "stoker.ledger.ended")
            .setTimeToLiveSeconds(ENDED_SECONDS)
            .setEvictionConfig(bound(ENDED_PER_MEMBER));
    MapConfig named =
        map(hazelcast, "stoker.ledger.keys")
            .setTimeToLiveSeconds(Math.clamp(settings.keepFor().toSeconds(), 1, Integer.MAX_VALUE))
            .setEvictionConfig(bound(Math.max(ENDED_PER_MEMBER, settings.keepRuns())));
    for (MapConfig config : List.of(live, past, named)) {
      hazelcast.getConfig().addMapConfig(config);
    }
    this.runs = hazelcast.getMap(live.getName());
    this.ended = hazelcast.getMap(past.getName());
    this.keys = hazelcast.getMap(named.getName());
  }

  private static MapConfig map(HazelcastInstance hazelcast, String name) {
    MapConfig config = new MapConfig(name).setPerEntryStatsEnabled(true).setBackupCount(1);
    if (hazelcast.getConfig().getSplitBrainProtectionConfigs().containsKey(PROTECTION)) {
      config.setSplitBrainProtectionName(PROTECTION);
    }
    return config;
  }

  private static EvictionConfig bound(int entries) {
    return new EvictionConfig()
        .setEvictionPolicy(EvictionPolicy.LRU)
        .setMaxSizePolicy(MaxSizePolicy.PER_NODE)
        .setSize(entries);
  }

  /**
   * Writes durable runs, each on two members when it returns.
   *
   * @return in the order of the rows
   */
  List<Fate> write(List<RunRow> rows) {
    List<CompletionStage<Integer>> puts = new ArrayList<>();
    for (RunRow row : rows) {
      byte[] run = GridRun.of(row).encode();
      puts.add(runs.submitToKey(name(row), new GridPut(run, row.writer())));
    }
    List<Fate> fates = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      RunRow row = rows.get(i);
      boolean ours =
          switch (result(puts.get(i))) {
            case GridPut.REFUSED -> false;
            case GridPut.CREATED -> row.isFirst() || !hasEndedElsewhere(row);
            default -> true;
          };
      fates.add(ours ? claimed(row) : new Fate.Fenced());
    }
    return fates;
  }

  /** What another has ended has left the map: a late write must not put it back. */
  private boolean hasEndedElsewhere(RunRow row) {
    if (!ended.containsKey(name(row))) {
      return false;
    }
    runs.delete(name(row));
    return true;
  }

  private Fate claimed(RunRow row) {
    String key = row.key();
    byte @Nullable [] fingerprint = row.fingerprint();
    if (key == null || fingerprint == null || !row.isFirst()) {
      return new Fate.Written();
    }
    // The run before its key: whoever dies between the two leaves no key without a run.
    String keyName = keyName(new KeyName(row.principal(), row.tool(), key));
    byte[] mine =
        new JsonObject().put("run", name(row)).put("of", fingerprint).toBuffer().getBytes();
    byte @Nullable [] holder = keys.putIfAbsent(keyName, mine);
    if (holder == null || keyed(holder).run().equals(RunRow.id(row.id()))) {
      return new Fate.Written();
    }
    runs.delete(name(row));
    return new Fate.KeyTaken(keyed(holder));
  }

  private static RunReader.KeyedRun keyed(byte[] bytes) {
    JsonObject json = new JsonObject(Buffer.buffer(bytes));
    return new RunReader.KeyedRun(
        RunId.parse(json.getString("run")), RunRow.digest(json.getBinary("of")));
  }

  /**
   * Finds out whether it can be written.
   *
   * @throws RuntimeException when it cannot
   */
  void probe() {
    result(keys.setAsync(PROBE, new byte[0]));
  }

  /** Of an ended run that is in its node's file: others may still ask for it for a while. */
  void settle(List<RunRow> rows) {
    for (RunRow row : rows) {
      ended.set(name(row), GridRun.of(row).encode());
      runs.delete(name(row));
    }
  }

  /** The homes of all unfinished runs. */
  Set<NodeId> homes() {
    Set<NodeId> homes = new HashSet<>();
    for (String home : homesByRun().values()) {
      homes.add(home.isEmpty() ? Ledger.NOBODY : NodeId.parse(home));
    }
    return homes;
  }

  private Map<String, String> homesByRun() {
    Map<String, String> homes = new HashMap<>();
    runs.<@Nullable String>executeOnEntries(new GridHome())
        .forEach(
            (run, home) -> {
              if (home != null) {
                homes.put(run, home);
              }
            });
    return homes;
  }

  /** Takes over, oldest first. */
  List<RunWriter.Taken> takeOver(TakeOver.Request request) {
    String from = Objects.requireNonNullElse(request.home(), "");
    List<RunWriter.Taken> taken = new ArrayList<>();
    List<String> candidates =
        homesByRun().entrySet().stream()
            .filter(run -> run.getValue().equals(from))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    for (String candidate : candidates) {
      if (taken.size() == request.max()) {
        break;
      }
      byte @Nullable [] run =
          runs.executeOnKey(candidate, new GridTake(request.home(), request.self().toString()));
      if (run != null) {
        GridRun got = GridRun.decode(run);
        taken.add(
            new RunWriter.Taken(
                RunRow.bytes(got.id()),
                got.fence(),
                Objects.requireNonNull(got.command()),
                got.record()));
      }
    }
    return taken;
  }

  /**
   * Puts back a run that a member's own file has from an earlier life, unless the cluster knows
   * better: whether it did.
   */
  boolean putBack(RunWriter.Taken run, String taker) {
    String name = RunRow.id(run.id()).toString();
    if (ended.containsKey(name) || runs.containsKey(name)) {
      return false;
    }
    GridRun back =
        new GridRun(RunRow.id(run.id()), taker, run.fence(), run.record(), run.command());
    return runs.executeOnKey(name, new GridPut(back.encode(), taker)) != GridPut.REFUSED;
  }

  /**
   * Puts right what failed commits have left: runs of this node that it does not know. One that
   * others may know by its key becomes nobody's, others are removed.
   */
  void reconcile(String self, RunWriter.Known known) {
    homesByRun()
        .forEach(
            (name, home) -> {
              if (home.equals(self) && !known.holds(RunId.parse(name))) {
                putRight(name, self);
              }
            });
  }

  private void putRight(String name, String self) {
    byte @Nullable [] bytes = runs.get(name);
    GridRun run = bytes == null ? null : GridRun.decode(bytes);
    byte @Nullable [] command = run == null ? null : run.command();
    if (run == null || command == null) {
      return;
    }
    if (run.fence() == 1 && RunRow.command(command).idempotencyKey() == null) {
      runs.delete(name);
    } else {
      runs.executeOnKey(name, new GridTake(self, null));
    }
  }

  /** The run, live or lately ended. */
  Optional<Ledger.Located> find(RunId id) {
    return result(
        runs.getAsync(id.toString())
            .thenCompose(
                live ->
                    live == null
                        ? ended.getAsync(id.toString())
                        : CompletableFuture.completedStage(live))
            .thenApply(run -> Optional.ofNullable(run).map(GridRun::decode).map(GridRun::located)));
  }

  /** The run that has a key. */
  Optional<RunReader.KeyedRun> findByKey(KeyName key) {
    return result(
        keys.getAsync(keyName(key)).thenApply(run -> Optional.ofNullable(run).map(Grid::keyed)));
  }

  private static <T extends @Nullable Object> T result(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the cluster's map refused", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the cluster's map does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static String name(RunRow row) {
    return RunRow.id(row.id()).toString();
  }

  private static String keyName(KeyName key) {
    String all = new JsonArray().add(key.principal()).add(key.tool()).add(key.key()).encode();
    return Digest.of(all.getBytes(StandardCharsets.UTF_8)).hex();
  }
}
