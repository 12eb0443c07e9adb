package dev.stoker.ledger;

import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the cluster's maps know. Thread-safe; nothing blocks. */
final class GridReads {
  private final GridMaps maps;

  GridReads(GridMaps maps) {
    this.maps = maps;
  }

  /** The run, live or lately ended. */
  CompletableFuture<Optional<Ledger.Located>> find(RunId id) {
    String name = id.toString();
    // In this order: whoever ends a run puts it there before it leaves here.
    return maps.<byte @Nullable []>ask(() -> maps.runs.getAsync(name))
        .thenCompose(
            live ->
                maps.<byte @Nullable []>ask(() -> maps.ended.getAsync(name))
                    .thenApply(ended -> GridRun.newest(live, ended)))
        .thenApply(run -> run.map(GridRun::located));
  }

  /** The run that has a key. */
  CompletableFuture<Optional<RunReader.KeyedRun>> findByKey(KeyName key) {
    return maps.<byte @Nullable []>ask(() -> maps.keys.getAsync(GridKey.name(key)))
        .thenApply(holder -> Optional.ofNullable(holder).map(GridKey::decode));
  }

  /** The homes of all unfinished runs. */
  CompletableFuture<Set<NodeId>> homes() {
    return maps.homes()
        .thenApply(
            runs -> {
              Set<NodeId> homes = new HashSet<>();
              Set.copyOf(runs.values())
                  .forEach(home -> homes.add(home.isEmpty() ? Ledger.NOBODY : NodeId.parse(home)));
              return homes;
            });
  }
}
