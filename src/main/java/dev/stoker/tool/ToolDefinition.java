package dev.stoker.tool;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Outcome;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a catalog file says, with the defaults filled in and every bound checked. Immutable; nobody
 * changes {@code parameters}.
 *
 * @param command the argv template's elements as the file has them: strings, and maps for the
 *     conditional and the repeated form
 * @param parameters a JSON Schema 2020-12 of type object
 */
public record ToolDefinition(
    String name,
    String description,
    List<Object> command,
    JsonObject parameters,
    Map<String, Input> inputs,
    Map<String, Output> outputs,
    StdinMode stdin,
    Map<String, String> environment,
    Timeout timeout,
    Duration grace,
    Concurrency concurrency,
    Limits limits,
    Isolation isolation,
    @Nullable Cache cache,
    Retry retry,
    Disconnect onDisconnect) {

  public ToolDefinition {
    command = List.copyOf(command);
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }

  /** A file that the caller gives. */
  public record Input(
      String description, boolean required, ByteSize maxSize, @Nullable String mediaType) {}

  /**
   * A file that the tool makes.
   *
   * @param path relative to the work directory, without {@code ..}
   */
  public record Output(
      String description, String path, String mediaType, boolean required, ByteSize maxSize) {}

  /** Whether the tool reads its standard input. */
  public enum StdinMode {
    NONE,
    OPTIONAL,
    REQUIRED
  }

  /** From accept to kill: what a caller gets who says nothing, and the most anyone gets. */
  public record Timeout(Duration byDefault, Duration max) {}

  /**
   * How many at once, and how many may wait.
   *
   * @param perNode at once on one node
   * @param cluster at once on all nodes; 0 for no bound but the nodes'
   * @param queue that wait at one node
   */
  public record Concurrency(int perNode, int cluster, int queue) {}

  /** How much of each stream is kept, and what happens to a tool that writes more. */
  public record Limits(ByteSize stdout, ByteSize stderr, OnExceed onExceed) {}

  /** What happens to a tool that writes more than it may. */
  public enum OnExceed {
    KILL,
    TRUNCATE
  }

  /** What the tool is kept from. */
  public enum Isolation {
    CONFINED,
    CONTAINER,
    FUNCTION,
    NONE
  }

  /** How long a success may be given again. */
  public record Cache(Duration ttl) {}

  /**
   * How often a run is tried, and after what.
   *
   * @param attempts 1 for never again
   */
  public record Retry(int attempts, List<RetryOn> on) {
    /** Whether a run whose {@code attempt} ended in this way is tried again. */
    public boolean after(Outcome outcome, int attempt) {
      return attempt < attempts
          && switch (outcome) {
            case Outcome.Lost _ -> on.contains(RetryOn.LOST);
            case Outcome.Failed _ -> on.contains(RetryOn.FAILED);
            case Outcome.SandboxFailed _ -> on.contains(RetryOn.SANDBOX_FAILED);
            case Outcome.Succeeded _,
                Outcome.TimedOut _,
                Outcome.Cancelled _,
                Outcome.OutputLimit _,
                Outcome.OutOfMemory _ ->
                false;
          };
    }
  }

  /** What a run may be tried again after. */
  public enum RetryOn {
    LOST,
    FAILED,
    SANDBOX_FAILED
  }

  /** What becomes of a run when the caller who waits for it goes away. */
  public enum Disconnect {
    CANCEL,
    CONTINUE
  }
}
