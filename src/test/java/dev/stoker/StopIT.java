package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Stoker that is told to stop. */
@Tag("patient")
class StopIT {
  @TempDir Path directory;

  @Test
  void shouldFinishWhatRunsAndRefuseWhatComes() {
    StokerHome home =
        new StokerHome(directory)
            .config("node: {slots: 1, drain: 20s}")
            .script("busy", "sleep 3; echo finished", "concurrency: {queue: 5}");
    String waiting;
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker);
        Http management = new Http(stoker.management())) {
      CompletableFuture<Http.Answer> running =
          CompletableFuture.supplyAsync(() -> http.run("busy"));
      await().until(() -> http.get("/v1/runs?state=running").text().contains("busy"));
      waiting = http.detached("busy").run().id();

      stoker.terminate();
      await().until(() -> management.get("/health/ready").status() == 503);
      Http.Answer refused = http.run("busy");

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isNotEmpty();
      assertThat(management.get("/health/live").status()).isEqualTo(200);
      assertThat(running.join().run().stdout()).isEqualTo("finished\n");
      assertThat(stoker.exitCode()).isIn(0, 143);
    }
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      assertThat(http.ended(waiting).state()).isEqualTo("succeeded");
    }
  }

  @Test
  void shouldServeWhoStillComesWhileItGivesNotice() {
    StokerHome home =
        new StokerHome(directory)
            .config("node: {notice: 4s, drain: 20s}")
            .script("quick", "echo $0")
            .script("busy", "sleep 6; echo finished");
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker);
        Http management = new Http(stoker.management())) {
      CompletableFuture<Http.Answer> running =
          CompletableFuture.supplyAsync(() -> http.run("busy"));
      await().until(() -> http.get("/v1/runs?state=running").text().contains("busy"));
      assertThat(http.run("quick").header("Connection")).isEmpty();

      stoker.terminate();
      await().until(() -> management.get("/health/ready").status() == 503);
      Http.Answer served = http.run("quick");

      assertThat(served.status()).isEqualTo(200);
      assertThat(served.run().state()).isEqualTo("succeeded");
      assertThat(served.header("Connection")).isEqualToIgnoringCase("close");
      await().until(() -> http.run("quick").status() == 503);
      assertThat(running.join().run().stdout()).isEqualTo("finished\n");
      assertThat(stoker.exitCode()).isIn(0, 143);
    }
  }

  @Test
  void shouldEndWhatRunsLongerThanItsGrace() {
    StokerHome home =
        new StokerHome(directory)
            .config("node: {drain: 1s}")
            .script("endless", "trap '' TERM; sleep 62", "grace: 100ms");
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      CompletableFuture<Http.Answer> running =
          CompletableFuture.supplyAsync(() -> http.run("endless"));
      await().until(() -> http.get("/v1/runs?state=running").text().contains("endless"));

      stoker.terminate();

      assertThat(running.join().run().state()).isEqualTo("lost");
      assertThat(running.join().run().reason()).contains("shut down");
      stoker.exitCode();
      assertThat(ProcessTable.withArgument(home.script("endless").toString())).isEmpty();
    }
  }
}
