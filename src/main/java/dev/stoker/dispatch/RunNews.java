package dev.stoker.dispatch;

import dev.stoker.run.RunRecord;
import dev.stoker.telemetry.Metrics;
import io.vertx.core.eventbus.EventBus;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

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
    LoggingEventBuilder line = LOG.atInfo();
    line = line.addKeyValue("run", record.id());
    line = line.addKeyValue("tool", record.tool());
    line = line.addKeyValue("state", record.state().label());
    line = line.addKeyValue("principal", record.principal().name());
    line = line.addKeyValue("attempt", record.attempt());
    line = line.addKeyValue("cache", record.cache().label());
    if (record.startedAt() != null && record.finishedAt() != null) {
      Duration took = Duration.between(record.startedAt(), record.finishedAt());
      line = line.addKeyValue("millis", took.toMillis());
    }
    if (record.reason() != null) {
      line = line.addKeyValue("reason", record.reason());
    }
    line.log("run ended");
  }
}
