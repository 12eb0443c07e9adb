package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node without a collector, and one whose collector is not there. */
@Tag("patient")
class TracesOffIT {
  private static final String CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final String SAY = "echo \"$TRACEPARENT\"";

  @TempDir Path directory;

  @Test
  void shouldHandTheTraceOnAndLoadNothingOfOpenTelemetry() throws IOException {
    Path classes = directory.resolve("classes");
    StokerHome home =
        new StokerHome(directory.resolve("off"))
            .jvm("-Xlog:class+load:file=" + classes)
            .script("say", SAY, "trace: true")
            .script("silent", SAY);
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      Http.Answer told = http.run("say", "traceparent", CALLER);
      Http.Answer own = http.run("say");
      Http.Answer untold = http.run("silent", "traceparent", CALLER);
      http.get("/metrics");

      assertThat(told.run().stdout()).isEqualTo(CALLER + "\n");
      assertThat(told.header("traceresponse")).isEqualTo(CALLER);
      assertThat(own.run().stdout().strip())
          .isEqualTo(own.header("traceresponse"))
          .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
      assertThat(untold.run().stdout()).isEqualTo("\n");
    }
    assertThat(Files.readString(classes)).contains("dev.stoker.trace.Tracing ");
    assertThat(Files.readAllLines(classes)).noneMatch(line -> line.contains("] io.opentelemetry."));
  }

  @Test
  void shouldServeAndStopWithoutItsCollector() throws IOException {
    StokerHome home =
        new StokerHome(directory.resolve("dead"))
            .config(
                "telemetry: {traces: {endpoint: 'http://127.0.0.1:"
                    + freePort()
                    + "', every: 50ms, flush: 500ms}}")
            .script("say", SAY);
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker);
        Http management = new Http(stoker.management())) {
      assertThat(http.run("say").run().state()).isEqualTo("succeeded");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  management
                      .get("/metrics")
                      .text()
                      .lines()
                      .anyMatch(line -> line.matches("stoker_spans_failed_total [1-9].*")));
      assertThat(http.run("say").run().state()).isEqualTo("succeeded");

      stoker.terminate();

      assertThat(stoker.exitCode()).isEqualTo(143);
      assertThat(stoker.errors() + stoker.output())
          .containsOnlyOnce("takes no spans")
          .doesNotContain("io.opentelemetry");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
