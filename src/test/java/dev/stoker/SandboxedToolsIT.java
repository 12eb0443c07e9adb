package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole Stoker, whose tools have sandboxes: cold ones, and ones that waited. */
class SandboxedToolsIT {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"confined, 0", "confined, 2", "container, 0", "container, 2"})
  void shouldRunAToolInItsSandboxAndTakeItsFiles(String isolation, int warm) {
    StokerHome home =
        new StokerHome(directory)
            .script(
                "boxed",
                "ls -A; echo x > out.txt; echo $1; cat /etc/shadow 2>/dev/null; exit 0",
                "isolation: " + isolation,
                "network: none",
                "command: [@script@, \"it's\"]",
                "outputs: {out: {path: out.txt, mediaType: text/plain, required: true}}",
                warm > 0 ? "pool: {warm: " + warm + "}" : "");
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker);
        Http management = new Http(stoker.management())) {
      for (int i = 0; i < 4; i++) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> management.get("/metrics").text().contains(ready(warm)));
        RunView run = http.run("boxed").run();

        assertThat(run.state()).as(run.toString()).isEqualTo("succeeded");
        assertThat(run.stdout()).isEqualTo("it's\n");
      }
      assertThat(management.get("/metrics").text())
          .contains("stoker_warm_taken_total " + (warm > 0 ? "4.0" : "0.0"));
    }
  }

  /** A tool without a pool has no such line. */
  private static String ready(int warm) {
    return warm == 0
        ? "stoker_warm_taken_total"
        : "stoker_warm_sandboxes{tool=\"boxed\"} " + warm + ".0";
  }
}
