package dev.stoker.trace;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where spans go, and how many. Immutable.
 *
 * @param endpoint where the collector takes OTLP over HTTP, its path included
 * @param ratio of the traces that begin here, which are recorded: 0 to 1
 * @param headers that each export has, such as a key of the collector's
 * @param headersFile more of them, {@code Name: value} a line, read anew for each export; null for
 *     none
 * @param queue spans that may wait for their export; more are dropped
 * @param every how long a span may wait before it is sent
 * @param timeout of one export
 * @param flush how long the last spans may take when the node is closed
 * @param service what the service is called
 * @param resource what else all spans of this node say
 */
public record TraceSettings(
    URI endpoint,
    double ratio,
    Map<String, String> headers,
    @Nullable Path headersFile,
    int queue,
    Duration every,
    Duration timeout,
    Duration flush,
    String service,
    Map<String, String> resource) {

  public TraceSettings {
    headers = Map.copyOf(headers);
    resource = Map.copyOf(resource);
  }

  /** Its headers may be secrets. */
  @Override
  public String toString() {
    return "TraceSettings[" + endpoint + ", ratio " + ratio + "]";
  }
}
