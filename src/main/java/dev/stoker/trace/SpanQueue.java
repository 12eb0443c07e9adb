package dev.stoker.trace;

import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spans that have ended and wait for their export. Thread-safe; whoever ends a span never waits,
 * and one that finds the queue full is dropped and counted. One thread exports, a batch at a time.
 *
 * <p>In place of the SDK's own batch processor, which counts what it drops only for a meter
 * provider of the SDK's.
 */
final class SpanQueue implements SpanProcessor {
  private static final Logger LOG = LoggerFactory.getLogger(SpanQueue.class);
  private static final int BATCH_MAX = 512;

  /** Held, or it would forget that it is to be silent: what it says goes round the node's log. */
  private static final java.util.logging.Logger EXPORTER =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  private final ArrayBlockingQueue<ReadableSpan> waiting;
  private final SpanExporter exporter;
  private final TraceSettings settings;
  private final Thread thread;
  private final AtomicLong exported = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /** Whether the thread has been woken since it last began to export. */
  private final AtomicBoolean woken = new AtomicBoolean();

  private volatile boolean closing;
  private volatile boolean abandoned;

  /** Owned by the thread. */
  private boolean failing;

  private SpanQueue(TraceSettings settings, SpanExporter exporter) {
    this.settings = settings;
    this.exporter = exporter;
    this.waiting = new ArrayBlockingQueue<>(settings.queue());
    this.thread = Thread.ofPlatform().daemon().name("stoker-spans").unstarted(this::run);
  }

  static SpanQueue open(TraceSettings settings) {
    EXPORTER.setLevel(java.util.logging.Level.OFF);
    CollectorHeaders headers = new CollectorHeaders(settings);
    SpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.endpoint().toString())
            .setTimeout(settings.timeout())
            .setConnectTimeout(settings.timeout())
            .setCompression("gzip")
            .setHeaders(headers::read)
            .setMeterProvider(MeterProvider::noop)
            .build();
    SpanQueue queue = new SpanQueue(settings, exporter);
    queue.thread.start();
    return queue;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (closing || !waiting.offer(span)) {
      dropped.incrementAndGet();
    } else if (waiting.size() >= Math.max(1, settings.queue() / 2)
        && woken.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  Tracing.Counts counts() {
    return new Tracing.Counts(exported.get(), dropped.get(), failed.get());
  }

  private void run() {
    while (!closing) {
      // Waiting for an export takes a wake-up that came meanwhile.
      if (!woken.get()) {
        LockSupport.parkNanos(settings.every().toNanos());
      }
      woken.set(false);
      exportAll();
    }
    exportAll();
    // Here: it waits for an export that is under way.
    exporter.shutdown();
  }

  private void exportAll() {
    List<ReadableSpan> batch = new ArrayList<>();
    while (!abandoned && waiting.drainTo(batch, BATCH_MAX) > 0) {
      export(batch.stream().map(ReadableSpan::toSpanData).toList());
      batch.clear();
    }
  }

  private void export(List<SpanData> batch) {
    // As long as its retries may take; the exporter has a time-out of its own for each of them.
    CompletableResultCode result =
        exporter.export(batch).join(3 * settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    if (result.isSuccess()) {
      exported.addAndGet(batch.size());
    } else {
      failed.addAndGet(batch.size());
    }
    tell(result);
  }

  /** When it begins to fail and when it is over, not each time in between. */
  private void tell(CompletableResultCode result) {
    if (result.isSuccess() == failing) {
      failing = !failing;
      if (failing) {
        Throwable why = result.getFailureThrowable();
        LOG.warn(
            "telemetry.traces.endpoint: {} takes no spans: {}",
            settings.endpoint(),
            why == null ? "no answer in time" : root(why));
      } else {
        LOG.info("telemetry.traces.endpoint: {} takes spans", settings.endpoint());
      }
    }
  }

  /** What its user can do something about is at the bottom. */
  private static String root(Throwable why) {
    Throwable root = why;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    // Of an argument that is not allowed the message has the argument: a secret, maybe.
    String message = root instanceof IllegalArgumentException ? null : root.getMessage();
    return root.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    LockSupport.unpark(thread);
    Duration flush = settings.flush();
    try {
      if (!thread.join(flush)) {
        LOG.warn("telemetry.traces: the last spans could not be sent in {}", flush);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    abandoned = true;
    dropped.addAndGet(waiting.size());
    thread.interrupt();
  }

  @Override
  public CompletableResultCode shutdown() {
    close();
    return CompletableResultCode.ofSuccess();
  }
}
