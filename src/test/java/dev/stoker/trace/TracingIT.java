package dev.stoker.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.stoker.run.RunState;
import dev.stoker.run.TraceContext;
import dev.stoker.trace.Collector.Told;
import dev.stoker.trace.Tracing.Counts;
import dev.stoker.trace.Tracing.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Spans on their way to a collector that is there, slow, broken or not there. */
class TracingIT {
  private static final int QUEUE = 8;
  private static final Duration FLUSH = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void shouldSendWhatIsLeftWhenItIsClosed() {
    try (Collector collector = Collector.open()) {
      Tracing tracing = tracing(collector.endpoint(), 1, null);
      end(tracing, 5);

      tracing.close();

      assertThat(collector.spans()).hasSize(5);
      assertThat(tracing.counts()).isEqualTo(new Counts(5, 0, 0));
    }
  }

  @Test
  void shouldSendNoneOfAToolsOwnWords() {
    try (Collector collector = Collector.open()) {
      Tracing tracing = tracing(collector.endpoint(), 1, null);
      String reason = "its worker ended with exit code 3 before it answered: the password";

      tracing.accept(Kind.SERVER, "span", null, null).ended(RunState.FAILED, reason);
      tracing.close();

      assertThat(collector.spans())
          .extracting(told -> told.span().getStatus().getMessage())
          .containsExactly("its worker ended with exit code 3 before it answered");
    }
  }

  @Test
  void shouldDropAndCountWhatFindsTheQueueFull() {
    try (Collector collector = Collector.silent()) {
      Tracing tracing = tracing(collector.endpoint(), 1, null);
      end(tracing, QUEUE);
      // The first batch is on its way, and its answer does not come.
      await().atMost(PATIENCE).until(() -> !collector.headers().isEmpty());

      end(tracing, QUEUE + 3);

      await().atMost(PATIENCE).until(() -> tracing.counts().dropped() >= 3);
      collector.answer();
      await().atMost(PATIENCE).until(() -> total(tracing.counts()) == 2 * QUEUE + 3);
      tracing.close();
      assertThat(collector.spans()).hasSize((int) tracing.counts().exported());
    }
  }

  @Test
  void shouldHurtNobodyWhereThereIsNoCollector() throws IOException {
    Tracing tracing = tracing("http://127.0.0.1:" + freePort(), 1, null);
    end(tracing, 3);
    await().atMost(PATIENCE).until(() -> tracing.counts().failed() == 3);
    end(tracing, 1);

    long before = System.nanoTime();
    tracing.close();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(FLUSH.multipliedBy(5));
    assertThat(total(tracing.counts())).isEqualTo(4);
  }

  @Test
  void shouldGoWithinItsTimeWhenTheCollectorHangs() {
    try (Collector collector = Collector.silent()) {
      Tracing tracing = tracing(collector.endpoint(), 1, null);
      end(tracing, 3);

      long before = System.nanoTime();
      tracing.close();
      end(tracing, 1);

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(FLUSH.multipliedBy(5));
      assertThat(tracing.counts().dropped()).isEqualTo(1);
    }
  }

  @Test
  void shouldCountWhatTheCollectorRefuses() {
    try (Collector collector = Collector.open()) {
      collector.status(400);
      Tracing tracing = tracing(collector.endpoint(), 1, null);
      end(tracing, 2);
      await().atMost(PATIENCE).until(() -> tracing.counts().failed() == 2);

      collector.status(200);
      end(tracing, 1);

      await().atMost(PATIENCE).until(() -> tracing.counts().exported() == 1);
      tracing.close();
    }
  }

  @Test
  void shouldReadTheHeadersAnewForEachExport() throws IOException {
    Path file = directory.resolve("headers");
    Files.writeString(file, "# for the collector\nAuthorization: Bearer one\n");
    try (Collector collector = Collector.open()) {
      Tracing tracing = tracing(collector.endpoint(), 1, file);
      end(tracing, 1);
      await().atMost(PATIENCE).until(() -> collector.spans().size() == 1);
      Files.writeString(file, "Authorization: Bearer two\n");
      end(tracing, 1);
      await().atMost(PATIENCE).until(() -> collector.spans().size() == 2);
      tracing.close();

      assertThat(collector.headers())
          .extracting(headers -> headers.get("Authorization"))
          .containsExactly(List.of("Bearer one"), List.of("Bearer two"));
      assertThat(collector.headers())
          .allSatisfy(headers -> assertThat(headers.get("X-fixed")).isEqualTo(List.of("yes")));
    }
  }

  @Test
  void shouldLeaveOutWhatIsNoHeaderFieldAndShowNobodyItsValue() throws IOException {
    Path file = directory.resolve("headers");
    Files.writeString(
        file, "X-Good: one\nX Key: secret-1\nX-Odd: secret-2\u0001\nHost: secret-3\n");
    try (Collector collector = Collector.open();
        Said said = new Said()) {
      TraceSettings like = settings(collector.endpoint(), 1, file, Duration.ofMillis(20));
      Tracing tracing =
          Tracing.open(
              with(like, Map.of("Authorization", "Bearer secret-4\nx", "secret-5 x", "y")),
              "node-1",
              "1.2.3");
      for (int i = 1; i <= 2; i++) {
        int spans = i;
        end(tracing, 1);
        await().atMost(PATIENCE).until(() -> collector.spans().size() == spans);
      }
      tracing.close();

      assertThat(collector.headers())
          .allSatisfy(
              headers -> assertThat(headers).containsKey("X-good").doesNotContainKey("X-odd"));
      assertThat(said.lines())
          .containsExactlyInAnyOrder(
              "the environment's header Authorization for the collector is no header field; it is"
                  + " left out",
              "the environment's header (no name) for the collector is no header field; it is left"
                  + " out",
              "telemetry.traces.headersFile: %s: no header field, and left out: line [2, 3, 4]"
                  .formatted(file));
    }
  }

  /** Two that end at once must not both see that the other has filled the queue half. */
  @Test
  void shouldSendAtOnceWheneverTheQueueIsHalfFull() throws Exception {
    int threads = 8;
    int rounds = 1000;
    try (Collector collector = Collector.open();
        ExecutorService callers = Executors.newFixedThreadPool(threads)) {
      Tracing tracing =
          Tracing.open(
              settings(collector.endpoint(), 1, null, Duration.ofHours(1)), "node-1", "1.2.3");
      CyclicBarrier together = new CyclicBarrier(threads);
      for (int i = 1; i <= rounds; i++) {
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (int j = 0; j < threads; j++) {
          ended.add(CompletableFuture.runAsync(() -> endTogether(tracing, together), callers));
        }
        ended.forEach(CompletableFuture::join);
        int all = i * threads;
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(() -> all - total(tracing.counts()) < QUEUE / 2);
      }
      tracing.close();
      assertThat(total(tracing.counts())).isEqualTo((long) rounds * threads);
    }
  }

  private static void endTogether(Tracing tracing, CyclicBarrier together) {
    Span span = tracing.accept(Kind.SERVER, "span", null, null);
    try {
      together.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
    span.end();
  }

  @Test
  void shouldRecordAsManyTracesAsItIsTold() {
    try (Collector collector = Collector.open()) {
      Tracing tracing = tracing(collector.endpoint(), 0, null);

      Span own = tracing.accept(Kind.SERVER, "own", null, null);
      own.end();
      TraceContext caller = TraceContext.begin();
      String kept = "00-" + caller.traceId() + "-" + caller.spanId() + "-01";
      tracing.accept(Kind.SERVER, "caller's", kept, "a=1,b=2").end();
      tracing.close();

      assertThat(own.isRecorded()).isFalse();
      assertThat(own.context().traceId()).hasSize(32);
      assertThat(collector.spans())
          .singleElement()
          .satisfies(
              span -> {
                assertThat(span.name()).isEqualTo("caller's");
                assertThat(span.parent()).isEqualTo(caller.spanId());
                assertThat(span.span().getTraceState()).isEqualTo("a=1,b=2");
              });
    }
  }

  @Test
  void shouldPlaceInTimeWhatBeganAndEndedBefore() {
    try (Collector collector = Collector.open()) {
      Tracing tracing = tracing(collector.endpoint(), 1, null);
      TraceContext under = tracing.accept(Kind.SERVER, "request", null, null).context();
      long now = System.nanoTime();

      tracing.begin(Kind.INTERNAL, "part", under, now - 3_000_000_000L).end(now - 1_000_000_000L);
      tracing.close();

      Told part = collector.spans().getFirst();
      assertThat(part.span().getEndTimeUnixNano() - part.span().getStartTimeUnixNano())
          .isBetween(1_900_000_000L, 2_100_000_000L);
      assertThat(part.parent()).isEqualTo(under.spanId());
      assertThat(part.attribute("stoker.node")).isEqualTo("node-1");
      assertThat(part.ofResource("service.version")).isEqualTo("1.2.3");
      assertThat(part.ofResource("deployment.environment.name")).isEqualTo("test");
    }
  }

  private static long total(Counts counts) {
    return counts.exported() + counts.dropped() + counts.failed();
  }

  private static void end(Tracing tracing, int spans) {
    for (int i = 0; i < spans; i++) {
      tracing.accept(Kind.SERVER, "span", null, null).end();
    }
  }

  private static Tracing tracing(String endpoint, double ratio, @Nullable Path headersFile) {
    return Tracing.open(
        settings(endpoint, ratio, headersFile, Duration.ofMillis(20)), "node-1", "1.2.3");
  }

  private static TraceSettings settings(
      String endpoint, double ratio, @Nullable Path headersFile, Duration every) {
    return new TraceSettings(
        URI.create(endpoint + "/v1/traces"),
        ratio,
        Map.of("X-Fixed", "yes"),
        headersFile,
        QUEUE,
        every,
        Duration.ofSeconds(5),
        FLUSH,
        "stoker",
        Map.of("deployment.environment.name", "test"));
  }

  private static TraceSettings with(TraceSettings like, Map<String, String> headers) {
    return new TraceSettings(
        like.endpoint(),
        like.ratio(),
        headers,
        like.headersFile(),
        like.queue(),
        like.every(),
        like.timeout(),
        like.flush(),
        like.service(),
        like.resource());
  }

  /** What is logged here meanwhile. */
  private static final class Said extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.stoker.trace");
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Said() {
      start();
      logger.addAppender(this);
    }

    List<String> lines() {
      return List.copyOf(lines);
    }

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
    }

    @Override
    public void close() {
      logger.detachAppender(this);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
