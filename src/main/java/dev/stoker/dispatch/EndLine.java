package dev.stoker.dispatch;

import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Exit;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The line that a run leaves in the log: one, at its end, by the logger {@code dev.stoker.runs}. A
 * good end is told at DEBUG, a bad one at INFO, one that is Stoker's own or its machine's doing at
 * WARN. Stateless.
 *
 * <p>{@code queueMillis} is from the accept to the placement that counted, {@code startMillis} from
 * there to the running process, {@code executionMillis} to the end. On another node the start is
 * told by that node's clock.
 */
final class EndLine {
  private static final Logger LOG = LoggerFactory.getLogger("dev.stoker.runs");

  private EndLine() {}

  /**
   * Writes the line.
   *
   * @param placedNanos when it was placed for the last time; 0 for never, or where nobody knows
   */
  static void log(Command command, long placedNanos, RunRecord record) {
    Level level = level(record);
    if (!LOG.isEnabledForLevel(level)) {
      return;
    }
    LoggingEventBuilder line =
        RunLog.of(LOG.atLevel(level), command)
            .addKeyValue("outcome", record.state().label())
            .addKeyValue("attempt", record.attempt())
            .addKeyValue("cache", record.cache().label());
    line = add(line, "executor", record.node());
    line = times(line, command, placedNanos, record);
    line = how(line, record.exit());
    line =
        line.addKeyValue("stdoutBytes", record.stdout().bytes())
            .addKeyValue("stderrBytes", record.stderr().bytes())
            .addKeyValue(
                "outputBytes",
                record.outputs().values().stream().mapToLong(OutputFile::bytes).sum());
    add(line, "reason", record.reason()).log("run ended");
  }

  private static Level level(RunRecord record) {
    if (record.cache() == CacheUse.COLLAPSED) {
      // It did not run: the one that it has joined has a line.
      return Level.DEBUG;
    }
    return switch (record.state()) {
      case SUCCEEDED, QUEUED, RUNNING, CANCELLING -> Level.DEBUG;
      case FAILED, TIMED_OUT, CANCELLED, OUTPUT_LIMIT, OUT_OF_MEMORY -> Level.INFO;
      case SANDBOX_FAILED, LOST -> Level.WARN;
    };
  }

  private static LoggingEventBuilder times(
      LoggingEventBuilder line, Command command, long placedNanos, RunRecord record) {
    Instant started = record.startedAt();
    Instant finished = record.finishedAt();
    LoggingEventBuilder timed = line;
    if (placedNanos != 0) {
      long queued = TimeUnit.NANOSECONDS.toMillis(placedNanos - command.acceptedNanos());
      timed = timed.addKeyValue("queueMillis", queued);
      if (started != null) {
        long toStart = Duration.between(record.submittedAt(), started).toMillis();
        timed = timed.addKeyValue("startMillis", Math.max(0, toStart - queued));
      }
    }
    return started == null || finished == null
        ? timed
        : timed.addKeyValue("executionMillis", Duration.between(started, finished).toMillis());
  }

  private static LoggingEventBuilder how(LoggingEventBuilder line, @Nullable Exit exit) {
    return switch (exit) {
      case null -> line;
      case Exit.Code code -> line.addKeyValue("exitCode", code.code());
      case Exit.Signal signal -> line.addKeyValue("signal", signal.name());
    };
  }

  private static LoggingEventBuilder add(
      LoggingEventBuilder line, String key, @Nullable String value) {
    return value == null ? line : line.addKeyValue(key, value);
  }
}
