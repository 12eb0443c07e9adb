package dev.stoker.run;

import org.slf4j.spi.LoggingEventBuilder;

/**
 * Tags a log line with the run that it is about: fields of their own in JSON, a suffix in plain
 * lines. The context of a thread (MDC) would not do: an event loop has many runs at once.
 *
 * <p>The fields are {@code run}, {@code trace}, {@code tool} and {@code principal}; the node is a
 * field of every line. Costs nothing where the line's level is off. Stateless.
 */
public final class RunLog {
  private RunLog() {}

  /** A line about a command's run. */
  public static LoggingEventBuilder of(LoggingEventBuilder line, Command command) {
    return line.addKeyValue("run", command.id().toString())
        .addKeyValue("trace", command.trace().traceId())
        .addKeyValue("tool", command.tool())
        .addKeyValue("principal", command.principal().name());
  }

  /** The same where no more than the run's id is known. */
  public static LoggingEventBuilder of(LoggingEventBuilder line, RunId run) {
    return line.addKeyValue("run", run.toString());
  }

  /**
   * The same where no more is known than the mark of its processes, {@code node/run}. What does not
   * belong to a run has a mark of another form.
   */
  public static LoggingEventBuilder of(LoggingEventBuilder line, String mark) {
    return line.addKeyValue("run", mark.substring(mark.lastIndexOf('/') + 1));
  }
}
