package dev.stoker.trace;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Takes spans by OTLP over HTTP, as a collector does. Thread-safe. */
public final class Collector implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Told> spans = new CopyOnWriteArrayList<>();
  private final List<Map<String, List<String>>> headers = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate;
  private volatile int status = 200;

  private Collector(CountDownLatch gate) {
    this.gate = gate;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  public static Collector open() {
    return new Collector(new CountDownLatch(0));
  }

  /** One that answers nobody before {@link #answer} is called. */
  static Collector silent() {
    return new Collector(new CountDownLatch(1));
  }

  /** What sends spans to it soon. */
  public TraceSettings settings() {
    return new TraceSettings(
        URI.create(endpoint() + "/v1/traces"),
        1,
        Map.of(),
        null,
        1000,
        Duration.ofMillis(20),
        Duration.ofSeconds(5),
        Duration.ofSeconds(2),
        "stoker",
        Map.of());
  }

  /** A span with what it is under. */
  public record Told(Span span, Resource resource) {
    public String traceId() {
      return HexFormat.of().formatHex(span.getTraceId().toByteArray());
    }

    public String id() {
      return HexFormat.of().formatHex(span.getSpanId().toByteArray());
    }

    public String parent() {
      return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
    }

    public String name() {
      return span.getName();
    }

    /** What is said of it, as texts; empty where nothing is. */
    public String attribute(String key) {
      return value(span.getAttributesList(), key);
    }

    public String ofResource(String key) {
      return value(resource.getAttributesList(), key);
    }

    private static String value(List<KeyValue> attributes, String key) {
      return attributes.stream()
          .filter(attribute -> attribute.getKey().equals(key))
          .map(attribute -> text(attribute.getValue()))
          .collect(Collectors.joining());
    }

    private static String text(AnyValue value) {
      return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Every span that has come. */
  public List<Told> spans() {
    return List.copyOf(spans);
  }

  /** Those of one trace. */
  public List<Told> trace(String id) {
    return spans.stream().filter(told -> told.traceId().equals(id)).toList();
  }

  /** The header fields of each export. */
  List<Map<String, List<String>>> headers() {
    return List.copyOf(headers);
  }

  /** Answers so from now on; anything but 200 takes nothing. */
  void status(int code) {
    status = code;
  }

  void answer() {
    gate.countDown();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      headers.add(Map.copyOf(exchange.getRequestHeaders()));
      try {
        gate.await();
      } catch (InterruptedException e) {
        return;
      }
      if (status == 200) {
        read(body, exchange.getRequestHeaders().getFirst("Content-Encoding"));
      }
      byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private void read(byte[] body, @Nullable String encoding) throws IOException {
    InputStream raw = new ByteArrayInputStream(body);
    try (InputStream in = "gzip".equals(encoding) ? new GZIPInputStream(raw) : raw) {
      for (ResourceSpans of : ExportTraceServiceRequest.parseFrom(in).getResourceSpansList()) {
        for (ScopeSpans scope : of.getScopeSpansList()) {
          scope.getSpansList().forEach(span -> spans.add(new Told(span, of.getResource())));
        }
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
