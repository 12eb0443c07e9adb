package dev.stoker.tool;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.run.ByteSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A catalog file as it is written: every key the catalog knows, null where the file says nothing.
 * Immutable.
 */
record ToolFile(
    @Nullable String name,
    @Nullable String description,
    @Nullable JsonNode command,
    @Nullable List<@Nullable String> requires,
    @Nullable JsonNode parameters,
    @Nullable Map<String, @Nullable Input> inputs,
    @Nullable Map<String, @Nullable Output> outputs,
    ToolDefinition.@Nullable StdinMode stdin,
    @Nullable Map<String, @Nullable String> environment,
    @Nullable Timeout timeout,
    @Nullable Duration grace,
    @Nullable Concurrency concurrency,
    @Nullable Limits limits,
    ToolDefinition.@Nullable Isolation isolation,
    @Nullable Network network,
    @Nullable Cache cache,
    @Nullable Pool pool,
    @Nullable Worker worker,
    @Nullable Retry retry,
    ToolDefinition.@Nullable Disconnect onDisconnect,
    @Nullable List<@Nullable String> scopes) {

  record Input(
      @Nullable String description,
      @Nullable Boolean required,
      @Nullable ByteSize maxSize,
      @Nullable String mediaType) {}

  record Output(
      @Nullable String description,
      @Nullable String path,
      @Nullable String mediaType,
      @Nullable Boolean required,
      @Nullable ByteSize maxSize) {}

  record Timeout(@JsonProperty("default") @Nullable Duration byDefault, @Nullable Duration max) {}

  record Concurrency(
      @Nullable Integer perNode, @Nullable Integer cluster, @Nullable Integer queue) {}

  record Limits(
      @Nullable ByteSize memory,
      @Nullable Double cpu,
      @Nullable Integer pids,
      @Nullable ByteSize disk,
      @Nullable ByteSize stdout,
      @Nullable ByteSize stderr,
      ToolDefinition.@Nullable OnExceed onExceed) {}

  /** What of the network the tool sees. */
  enum Network {
    NONE,
    HOST
  }

  record Cache(@Nullable Duration ttl) {}

  record Pool(@Nullable Integer warm) {}

  record Worker(
      @Nullable Protocol protocol,
      @Nullable Integer max,
      @Nullable Integer maxUses,
      @Nullable Duration idle) {}

  /** How a persistent worker is spoken to. */
  enum Protocol {
    BAZEL_JSON
  }

  record Retry(@Nullable Integer attempts, @Nullable List<ToolDefinition.@Nullable RetryOn> on) {}
}
