package dev.stoker;

import dev.stoker.blob.BlobStore;
import dev.stoker.bus.Bus;
import dev.stoker.cache.ResultCache;
import dev.stoker.config.Settings;
import dev.stoker.dispatch.DispatchParts;
import dev.stoker.dispatch.Dispatcher;
import dev.stoker.dispatch.Runs;
import dev.stoker.executor.Executor;
import dev.stoker.executor.ExecutorParts;
import dev.stoker.gateway.Gateway;
import dev.stoker.gateway.GatewayParts;
import dev.stoker.gateway.ManagementServer;
import dev.stoker.ledger.Ledger;
import dev.stoker.output.Outputs;
import dev.stoker.process.ProcessRunner;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running Stoker: everything wired, in order; closed in the reverse order. */
final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration STEP = Duration.ofSeconds(30);

  private final Settings settings;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
}
