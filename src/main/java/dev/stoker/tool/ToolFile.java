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
    ToolDefinition.@Nullable Network network,
    @Nullable List<@Nullable String> readable,
    @Nullable Cache cache,
    @Nullable Pool pool,
    @Nullable Worker worker,
    @Nullable String module,
    ToolDefinition.@Nullable Language check,
    @Nullable Retry retry,
    ToolDefinition.@Nullable Disconnect onDisconnect,
    @Nullable Boolean trace,
    @Nullable List<@Nullable String> scopes) {

  record Input(
      @Nullable String description,
      @Nullable Boolean required,
      @Nullable ByteSize maxSize,
      @Nullable String mediaType,
      ToolDefinition.@Nullable Language check) {}

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
      @Nullable Integer openFiles,
      @Nullable ByteSize fileSize,
      @Nullable ByteSize stdout,
      @Nullable ByteSize stderr,
      ToolDefinition.@Nullable OnExceed onExceed) {}

  record Cache(@Nullable Duration ttl) {}

  record Pool(@Nullable Integer warm, @Nullable Duration maxAge) {}

  record Worker(
      ToolDefinition.@Nullable Protocol protocol,
      @Nullable List<@Nullable String> command,
      @Nullable Integer max,
      @Nullable Integer maxUses,
      @Nullable Duration idle,
      @Nullable Integer multiplex,
      @Nullable Boolean cancel,
      ToolDefinition.@Nullable Sharing sharing) {}

  record Retry(@Nullable Integer attempts, @Nullable List<ToolDefinition.@Nullable RetryOn> on) {}
}
