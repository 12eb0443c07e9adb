package dev.stoker.dispatch;

import dev.stoker.ledger.Ledger.Unfinished;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  private boolean looking;
  private boolean again;

  Orphans(DispatchParts parts, LiveRuns live) {
    this.parts = parts;
    this.recovery = new Recovery(parts, live);
  }

  /** Looks, once at a time. Completes when all there was has been taken; never fails. */
  Future<Void> look() {
    if (looking) {
      again = true;
      return Future.succeededFuture();
    }
    if (!parts.members().hasQuorum()) {
      return Future.succeededFuture();
    }
    looking = true;
    Set<NodeId> present = new HashSet<>(parts.members().present().keySet());
    present.add(parts.members().self());
    return parts
        .ledger()
        .orphaned(present)
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
    taken.forEach(recovery::take);
  }
}
