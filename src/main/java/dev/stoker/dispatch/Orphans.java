package dev.stoker.dispatch;

import dev.stoker.ledger.Ledger.Unfinished;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunLog;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what nobody answers for any more: the runs of nodes that are gone, of this node's
 * earlier lives, and those that were handed over. Confined to the dispatcher's context.
 *
 * <p>Every node looks; the ledger gives each run to one of them.
 */
final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  /** So many at a time: the others take the rest meanwhile. */
  private static final int BATCH = 50;

  private final DispatchParts parts;
  private final Recovery recovery;
  private final BooleanSupplier draining;
  private boolean looking;
  private boolean again;

  /**
   * @param draining whether this node takes nothing any more
   */
  Orphans(DispatchParts parts, LiveRuns live, RunNews news, BooleanSupplier draining) {
    this.draining = draining;
    this.parts = parts;
    this.recovery = new Recovery(parts, live, news);
  }

  /** Looks, once at a time. Completes when all there was has been taken; never fails. */
  Future<Void> look() {
    if (looking) {
      again = true;
      return Future.succeededFuture();
    }
    if (!parts.members().hasQuorum() || draining.getAsBoolean()) {
      return Future.succeededFuture();
    }
    looking = true;
    return parts
        .ledger()
        .orphaned(parts.members().nodes())
        .compose(gone -> takeAll(new ArrayList<>(gone)))
        .onFailure(e -> LOG.warn("runs of nodes that are gone cannot be taken over now", e))
        .otherwiseEmpty()
        .eventually(
            () -> {
              looking = false;
              return Future.succeededFuture();
            })
        .compose(
            done -> {
              if (again) {
                again = false;
                return look();
              }
              return Future.succeededFuture();
            });
  }

  private Future<Void> takeAll(List<NodeId> gone) {
    if (gone.isEmpty()) {
      return Future.succeededFuture();
    }
    NodeId next = gone.getLast();
    if (parts.members().isPresent(next) && !next.equals(parts.members().self())) {
      gone.removeLast();
      return takeAll(gone);
    }
    return parts
        .ledger()
        .takeOver(next, BATCH)
        .compose(
            taken -> {
              if (taken.isEmpty()) {
                gone.removeLast();
              } else {
                take(next, taken);
              }
              return takeAll(gone);
            });
  }

  private void take(NodeId from, List<Unfinished> taken) {
    LOG.info("took over {} runs of {}", taken.size(), from);
    for (Unfinished run : taken) {
      try {
        recovery.take(run);
      } catch (RuntimeException e) {
        // Of a defect of ours one run suffers, not those that were taken with it.
        RunLog.of(LOG.atError(), run.command())
            .setCause(e)
            .log("the run was taken over and cannot be gone on with");
      }
    }
  }
}
