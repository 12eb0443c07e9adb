package dev.stoker.tool;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param readable absolute paths that a confined run may read beside what every tool may
 * @param module the WebAssembly module of a {@link Isolation#FUNCTION}, an absolute path; null for
 *     every other tool
 * @param check the language of the script that the tool takes on its standard input, if that is to
 *     be scanned before it runs
 * @param trace whether its runs are told what they are done under, in {@code TRACEPARENT}
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
    Network network,
    List<String> readable,
    Resources resources,
    @Nullable Pool pool,
    @Nullable Worker worker,
    @Nullable String module,
    @Nullable Language check,
    @Nullable Cache cache,
    Retry retry,
    Disconnect onDisconnect,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean trace) {

  public ToolDefinition {
    command = List.copyOf(command);
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    readable = List.copyOf(readable);
  }

  /**
   * A file that the caller gives.
   *
   * @param check the language of the script that it is, if that is to be scanned before it runs
   */
  public record Input(
      String description,
      boolean required,
      ByteSize maxSize,
      @Nullable String mediaType,
      @Nullable Language check) {}

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

  /** What of the network the tool sees. */
  public enum Network {
    NONE,
    HOST
  }

  /**
   * What the tool itself asks a run's processes to be held to, all of them together; null where it
   * asks for nothing and the node's own defaults hold as far as it can give them.
   *
   * @param cpu processors' worth of time, such as 0.5
   * @param pids processes and threads
   * @param disk bytes in the work directory
   * @param openFiles of each process
   * @param fileSize of each file that is written
   */
  public record Resources(
      @Nullable ByteSize memory,
      @Nullable Double cpu,
      @Nullable Integer pids,
      @Nullable ByteSize disk,
      @Nullable Integer openFiles,
      @Nullable ByteSize fileSize) {}

  /**
   * Sandboxes that are kept ready, each for one run.
   *
   * @param maxAge after which one that was not used is made anew
   */
  public record Pool(int warm, Duration maxAge) {}

  /**
   * Processes that serve one run after the other.
   *
   * @param command what starts one: a program and fixed words, to which the protocol adds its own
   * @param max of them on a node
   * @param maxUses runs after which one is ended
   * @param idle after which one that has nothing to do is ended
   * @param multiplex requests that one process works at once; 1 for one after the other
   * @param cancel whether one understands that a request is to be broken off
   */
  public record Worker(
      Protocol protocol,
      List<String> command,
      int max,
      int maxUses,
      Duration idle,
      int multiplex,
      boolean cancel,
      Sharing sharing) {
    public Worker {
      command = List.copyOf(command);
    }
  }

  /** How a persistent worker is spoken to. */
  public enum Protocol {
    BAZEL_JSON
  }

  /** Who may be served by one worker. */
  public enum Sharing {
    PRINCIPAL,
    ANYONE
  }

  /** A language whose scripts can be scanned. */
  public enum Language {
    SHELL,
    PYTHON
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
