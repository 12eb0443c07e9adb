package dev.stoker.ledger;

import com.hazelcast.splitbrainprotection.SplitBrainProtectionException;
import dev.stoker.run.NodeId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's part in the commits of a ledger, and whether its maps can be written. Confined to
 * the ledger's writer, but for what is asked of it.
 *
 * <p>Only a write waits for the cluster; whether one that failed would succeed again is found out
 * beside the writer, so that what needs no cluster is written meanwhile.
 */
final class GridCommit {
  private static final Logger LOG = LoggerFactory.getLogger(GridCommit.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int LOOKS_PER_RECONCILIATION = 30;

  private final GridMaps maps;
  private final Grid grid;
  private final NodeId self;
  private final LiveRuns live;

  private @Nullable CompletableFuture<Map<String, String>> looking;
  private long lookAtNanos = System.nanoTime();
  private boolean suspect = true;
  private boolean told;
  private boolean hasBegun;
  // Others have joined this member, or will: what it holds may have no backup yet.
  private boolean unsafe = true;
  private int looks;

  private volatile boolean healthy;
  private final LongAdder failures = new LongAdder();

  GridCommit(GridMaps maps, NodeId self, LiveRuns live) {
    this.maps = maps;
    this.grid = new Grid(maps);
    this.self = self;
    this.live = live;
  }

  /** Thread-safe. */
  boolean healthy() {
    return healthy;
  }

  /** How often the maps could not be used. Thread-safe. */
  long failures() {
    return failures.sum();
  }

  Grid grid() {
    return grid;
  }

  /** How long until {@link #look} has something to do, unless the ledger is nudged. */
  long waitNanos() {
    return looking == null ? lookAtNanos - System.nanoTime() : Long.MAX_VALUE;
  }

  /**
   * Finds out from time to time whether the maps can be written, and once they can again, puts
   * right what was left there. Waits for no more than that.
   *
   * @throws GridException when they cannot
   */
  void look() {
    CompletableFuture<Map<String, String>> begun = looking;
    if (begun == null) {
      if (lookAtNanos - System.nanoTime() <= 0) {
        begin();
      }
    } else if (begun.isDone()) {
      looking = null;
      lookAtNanos = System.nanoTime() + LOOK_EVERY.toNanos();
      Map<String, String> homes = GridMaps.result(begun);
      if (suspect) {
        grid.reconcile(homes, self.toString(), live::holds);
        // What was lost with members on which alone it was.
        live.writeAgain(homes.keySet());
        suspect = false;
      }
      if (!healthy) {
        LOG.info("the cluster's maps are written, and runs accepted that must be recorded");
        told = false;
        unsafe = false;
        hasBegun = true;
        healthy = true;
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the next look has what this one has found
  private void begin() {
    looks++;
    // After a split the other side may bring back what this one has ended, and only it is told.
    suspect |= maps.isSuspect() || looks % LOOKS_PER_RECONCILIATION == 0;
    CompletableFuture<Map<String, String>> begun =
        maps.writable()
            .thenCompose(
                nothing ->
                    unsafe
                        ? maps.homesWhenSafe()
                        : suspect ? maps.homes() : CompletableFuture.completedFuture(nothing));
    looking = begun;
    begun.whenComplete((homes, failure) -> live.nudge());
  }

  /**
   * Notes that the maps could not be used.
   *
   * @param pause until the next look
   */
  void fault(GridException why, Duration pause) {
    if (hasBegun) {
      failures.increment();
    }
    if (hasBegun && !told) {
      LOG.error("what must be recorded is refused: {}", why.getMessage());
    } else if (!told) {
      // Every first member is alone, and every cluster without backups, for a while.
      LOG.info("what must be recorded is not accepted yet: {}", why.getMessage());
    }
    told = true;
    LOG.debug("the cluster's maps", why);
    healthy = false;
    suspect = true;
    unsafe |= why.getCause() instanceof SplitBrainProtectionException;
    lookAtNanos = System.nanoTime() + pause.toNanos();
  }

  /** The node's own file could not be written: of what was to be, the maps may have more. */
  void suspect() {
    suspect = true;
  }

  /**
   * Writes durable runs, first where it is decided whose they are, then in this node's own book.
   *
   * @throws GridException when the maps cannot be used; the book is then as it was, or has what the
   *     maps have
   */
  List<Fate> write(RunWriter writer, List<RunRow> rows) throws SQLException {
    List<Fate> decided = grid.write(rows);
    Map<RunRow, Fate> fates = HashMap.newHashMap(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      fates.put(rows.get(i), decided.get(i));
    }
    List<RunRow> ours =
        rows.stream().filter(row -> fates.get(row) instanceof Fate.Written).toList();
    List<Fate> written = writer.write(ours);
    for (int i = 0; i < ours.size(); i++) {
      fates.put(ours.get(i), written.get(i));
    }
    grid.settle(ours.stream().filter(row -> row.finishedAtMillis() != null).toList());
    for (RunRow row : rows) {
      if (fates.get(row) instanceof Fate.Fenced) {
        writer.forget(RunRow.id(row.id()));
      }
    }
    return rows.stream().map(row -> Objects.requireNonNull(fates.get(row))).toList();
  }
}
