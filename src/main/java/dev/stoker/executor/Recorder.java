package dev.stoker.executor;

import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.executor.ExecutorMessage.Order;
import dev.stoker.process.ProcessEnd;
import dev.stoker.run.Captured;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.telemetry.Metrics;
import io.vertx.core.Future;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how attempts begin and end: in records and the metrics. Confined to the executor's context.
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

  private final String node;
  private final ExecutorParts parts;

  Recorder(String node, ExecutorParts parts) {
    this.node = node;
    this.parts = parts;
  }

  /** The record of an attempt whose process is about to be started. */
  RunRecord starting(Attempt attempt) {
    Order order = attempt.order().order();
    return order.record().started(Instant.now(), order.attempt(), node);
  }

  /** The record of an attempt whose process runs. */
  RunRecord begun(Attempt attempt) {
    Instant at = attempt.times().startedAt();
    Order order = attempt.order().order();
    return at == null ? order.record() : order.record().started(at, order.attempt(), node);
  }

  /** How an attempt ended, once its output is kept. */
  Future<RunRecord> end(Attempt attempt) {
    Future<Captured> stdout = attempt.output().captured(StdStream.STDOUT);
    Future<Captured> stderr = attempt.output().captured(StdStream.STDERR);
    if (stdout.succeeded() && stderr.succeeded()) {
      return Future.succeededFuture(end(attempt, stdout.result(), stderr.result()));
    }
    return Future.join(stdout, stderr)
        .transform(
            both ->
                Future.succeededFuture(
                    end(attempt, orNothing(attempt, stdout), orNothing(attempt, stderr))));
  }

  private static Captured orNothing(Attempt attempt, Future<Captured> captured) {
    if (captured.succeeded()) {
      return captured.result();
    }
    RunLog.of(LOG.atError(), attempt.command())
        .setCause(captured.cause())
        .log("the run cannot keep its output");
    return new Captured("", null, 0, true, null);
  }

  private RunRecord end(Attempt attempt, Captured stdout, Captured stderr) {
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
    return ended;
  }

  /** Whether the tool is tried again after this end. */
  static boolean triesAgain(Attempt attempt) {
    Execute execute = attempt.order();
    return execute.tool().definition().retry().after(attempt.outcome(), execute.order().attempt());
  }

  /**
   * Whether the result may be given again under the order's key. What it refers to is then kept on
   * another node too.
   */
  boolean isCacheable(Attempt attempt, RunRecord ended) {
    Execute execute = attempt.order();
    Order order = execute.order();
    if (order.key() == null || ended.state() != RunState.SUCCEEDED) {
      return false;
    }
    if (!order.home().equals(parts.members().self()) && !isSameProgram(execute)) {
      RunLog.of(LOG.atWarn(), attempt.command())
          .log("the result is not cached: the run's home has another program");
      return false;
    }
    ended.blobs().forEach(parts.peers()::spread);
    return true;
  }

  private static boolean isSameProgram(Execute execute) {
    try {
      return execute.tool().executableDigest().hex().equals(execute.order().executable());
    } catch (ServiceException gone) {
      return false;
    }
  }

  private void count(Attempt attempt, RunRecord ended) {
    Metrics metrics = parts.metrics();
    String tool = ended.tool();
    AttemptTimes times = attempt.times();
    metrics.attempted(
        tool,
        new Metrics.Phases(
            times.sinceAccept(attempt.command()),
            times.start(),
            times.execution(),
            times.collection()),
        attempt.command().trace());
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
