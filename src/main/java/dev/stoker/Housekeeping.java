package dev.stoker;

import dev.stoker.blob.BlobStore;
import dev.stoker.cache.ResultCache;
import dev.stoker.ledger.Ledger;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is too old: first ended runs from the ledger, then the blobs that no run and no
 * stored result refers to any more. A verticle; one round at a time.
 */
final class Housekeeping extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  private final Duration every;
  private final Ledger ledger;
  private final BlobStore blobs;
  private final ResultCache cache;
  private boolean sweeping;

  Housekeeping(Duration every, Ledger ledger, BlobStore blobs, ResultCache cache) {
    this.every = every;
    this.ledger = ledger;
    this.blobs = blobs;
    this.cache = cache;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(every.toMillis(), id -> sweep());
    return Future.succeededFuture();
  }

  private void sweep() {
    if (sweeping) {
      return;
    }
    sweeping = true;
    ledger
        .retain()
        .compose(forgotten -> ledger.references())
        .compose(byRuns -> blobs.sweep(byRuns.or(cache.references())))
        .onComplete(
            swept -> {
              sweeping = false;
              if (swept.removed() > 0) {
                LOG.info(
                    "removed {} files of {} bytes; {} of {} bytes are left",
                    swept.removed(),
                    swept.removedBytes(),
                    swept.kept(),
                    swept.keptBytes());
              }
            },
            e -> {
              sweeping = false;
              LOG.error("housekeeping", e);
            });
  }
}
