package dev.stoker.dispatch;

import dev.stoker.run.RunRecord;
import dev.stoker.telemetry.Metrics;
import io.vertx.core.eventbus.EventBus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells everyone who listens, the log and the metrics what became of a run. Thread-safe. */
final class RunNews {
  private static final Logger LOG = LoggerFactory.getLogger("dev.stoker.runs");

  private final EventBus bus;
  private final Metrics metrics;

  RunNews(EventBus bus, Metrics metrics) {
    this.bus = bus;
    this.metrics = metrics;
  }

  /** A run is in another state. */
  void changed(RunRecord record) {
    bus.publish(Runs.newsAddress(record.id()), record);
  }

  /** A run has ended. One line in the log. */
  void ended(RunRecord record) {
    changed(record);
    metrics.runEnded(record.tool(), record.state().label());
    if (LOG.isInfoEnabled()) {
      LOG.atInfo()
          .addKeyValue("run", record.id())
          .addKeyValue("tool", record.tool())
          .addKeyValue("state", record.state().label())
          .addKeyValue("principal", record.principal().name())
          .addKeyValue("attempt", record.attempt())
          .addKeyValue("cache", record.cache().label())
          .addKeyValue("reason", record.reason())
          .log("run ended");
    }
  }
}
