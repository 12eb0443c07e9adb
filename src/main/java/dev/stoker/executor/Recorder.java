package dev.stoker.executor;

import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.process.ProcessEnd;
import dev.stoker.run.Captured;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.StdStream;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.Future;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down how attempts begin and end: in the ledger, the cache and the metrics. Confined to the
 * executor's context.
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

  private final String node;
  private final ExecutorParts parts;

  Recorder(String node, ExecutorParts parts) {
    this.node = node;
    this.parts = parts;
  }

  /**
   * Writes down that an attempt is about to start, before its process exists: after a crash a run
   * that may have begun is not begun again unless its tool allows it. A run that nobody relies on
   * after a crash does not wait.
   */
  Future<Void> start(Attempt attempt) {
    Execute order = attempt.order();
    return order.command().delivery() == Delivery.DETACHED
        ? parts
            .ledger()
            .update(order.command(), order.record().started(Instant.now(), order.attempt(), node))
        : Future.succeededFuture();
  }

  /** The record of an attempt whose process runs. */
  RunRecord begun(Attempt attempt) {
    Instant at = attempt.times().startedAt();
    RunRecord record = attempt.order().record();
    return at == null ? record : record.started(at, attempt.order().attempt(), node);
  }

  /** Writes down an attempt's end; succeeds, with what is to be told, when that is done. */
  Future<AttemptNews> end(Attempt attempt) {
    Future<Captured> stdout = attempt.output().captured(StdStream.STDOUT);
    Future<Captured> stderr = attempt.output().captured(StdStream.STDERR);
    if (stdout.succeeded() && stderr.succeeded()) {
      return end(attempt, stdout.result(), stderr.result());
    }
    return Future.join(stdout, stderr)
        .transform(both -> end(attempt, orNothing(attempt, stdout), orNothing(attempt, stderr)));
  }

  private static Captured orNothing(Attempt attempt, Future<Captured> captured) {
    if (captured.succeeded()) {
      return captured.result();
    }
    LOG.error("run {} cannot keep its output", attempt.command().id(), captured.cause());
    return new Captured("", null, 0, true, null);
  }

  private Future<AttemptNews> end(Attempt attempt, Captured stdout, Captured stderr) {
    ProcessEnd end = attempt.end();
    RunRecord ended =
        begun(attempt)
            .ended(
                attempt.outcome(),
                Instant.now(),
                end == null ? null : end.exit(),
                stdout,
                stderr,
                attempt.files(),
                end == null ? null : end.usage());
    count(attempt, ended);
    Execute order = attempt.order();
    if (order.tool().definition().retry().after(attempt.outcome(), order.attempt())) {
      return Future.succeededFuture(new AttemptNews.TryAgain(ended));
    }
    store(order, ended);
    return parts
        .ledger()
        .update(order.command(), ended)
        .onFailure(e -> LOG.error("run {} ended and is not written down", ended.id(), e))
        .otherwiseEmpty()
        .map(new AttemptNews.Ended(ended));
  }

  private void store(Execute order, RunRecord ended) {
    ToolDefinition.Cache cache = order.tool().definition().cache();
    if (order.key() != null && cache != null && ended.state() == RunState.SUCCEEDED) {
      parts.cache().put(order.key(), ended, cache.ttl());
    }
  }

  private void count(Attempt attempt, RunRecord ended) {
    Metrics metrics = parts.metrics();
    String tool = ended.tool();
    AttemptTimes times = attempt.times();
    metrics.queueWait(tool, times.sinceAccept(attempt.command()));
    metrics.startTime(tool, times.start());
    metrics.executionTime(tool, times.execution());
    metrics.outputBytes(tool, StdStream.STDOUT.label(), ended.stdout().bytes());
    metrics.outputBytes(tool, StdStream.STDERR.label(), ended.stderr().bytes());
    ProcessEnd end = attempt.end();
    if (end != null && end.strays() > 0) {
      metrics.strays(tool, end.strays());
    }
    if (attempt.stopped()) {
      metrics.killed(tool);
    }
  }
}
