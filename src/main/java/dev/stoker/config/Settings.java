package dev.stoker.config;

import dev.stoker.audit.AuditSettings;
import dev.stoker.blob.BlobSettings;
import dev.stoker.cache.CacheSettings;
import dev.stoker.check.CheckSettings;
import dev.stoker.cluster.ClusterSettings;
import dev.stoker.dispatch.DispatchSettings;
import dev.stoker.executor.ExecutorSettings;
import dev.stoker.gateway.GatewaySettings;
import dev.stoker.ledger.LedgerSettings;
import dev.stoker.output.OutputSettings;
import dev.stoker.process.ProcessSettings;
import dev.stoker.sandbox.SandboxSettings;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.trace.TraceSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Every feature's settings. Immutable.
 *
 * @param data the data directory
 * @param node this node's name
 * @param notice how long a node that is told to stop still takes commands; zero: not at all
 * @param drain how long runs may go on when the node is told to stop
 * @param sweepEvery between two rounds of housekeeping
 * @param cluster null: the node is alone
 * @param traces null: no spans are recorded
 */
public record Settings(
    Path data,
    String node,
    Duration notice,
    Duration drain,
    Duration sweepEvery,
    GatewaySettings gateway,
    Endpoint management,
    CacheSettings cache,
    CatalogSettings catalog,
    SandboxSettings sandbox,
    CheckSettings check,
    ProcessSettings process,
    OutputSettings output,
    BlobSettings blobs,
    LedgerSettings ledger,
    ExecutorSettings executor,
    DispatchSettings dispatch,
    @Nullable ClusterSettings cluster,
    @Nullable TraceSettings traces,
    LogSettings log,
    AuditSettings audit) {

  /**
   * Where to listen.
   *
   * @param port 0 for any that is free
   */
  public record Endpoint(String host, int port) {}
}
