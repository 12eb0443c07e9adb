package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.settings;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** A Stoker that is killed forgets nothing that it has confirmed. */
class LedgerCrashIT {
  private static final int CONFIRMED_MIN = 200;

  @TempDir private Path directory;

  @RepeatedTest(3)
  void shouldHaveEveryConfirmedRunAfterItWasKilled() throws Exception {
    int killAfter = CONFIRMED_MIN + new Random().nextInt(2000);
    Process victim = startVictim();
    Map<RunId, RunState> confirmed = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        confirm(confirmed, line);
        if (confirmed.size() == killAfter) {
          // The process's own method would close the stream before its end is read.
          assertThat(victim.toHandle().destroyForcibly()).isTrue();
        }
        line = lines.readLine();
      }
    }
    assertThat(victim.waitFor()).isEqualTo(128 + 9);
    assertThat(confirmed).hasSizeGreaterThanOrEqualTo(killAfter);
    assertThat(directory.resolve("ledger.db-wal")).isNotEmptyFile();

    try (LedgerFixture book = new LedgerFixture(directory)) {
      List<RunId> unfinished = book.takeOverAll().stream().map(run -> run.command().id()).toList();
      confirmed.forEach(
          (id, state) -> {
            RunState found = await(book.ledger.find(id)).orElseThrow().state();
            // What was under way when it died may be written though nobody was told.
            assertThat(found).isIn(state, RunState.SUCCEEDED);
            assertThat(unfinished.contains(id)).isEqualTo(!found.isTerminal());
          });
    }
  }

  private static void confirm(Map<RunId, RunState> confirmed, String line) {
    String[] words = line.split(" ", -1);
    // The last line of a killed process may be half.
    if (words.length == 3 && words[2].equals(".")) {
      confirmed.put(RunId.parse(words[0]), RunState.parse(words[1]));
    }
  }

  private Process startVictim() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            directory.toString())
        .redirectError(Files.createTempFile(directory.getParent(), "victim", ".err").toFile())
        .start();
  }

  /** Accepts runs and ends every second one, and prints what the ledger has confirmed. */
  static final class Victim {
    private static final int UNDER_WAY = 32;

    private Victim() {}

    public static void main(String[] args) throws Exception {
      Ledger ledger =
          Ledger.open(
              Vertx.vertx(), settings(Path.of(args[0]), 1_000_000), new NodeId("victim", 1));
      Semaphore slots = new Semaphore(UNDER_WAY);
      for (int i = 0; true; i++) {
        slots.acquire();
        boolean ends = i % 2 == 0;
        Command command = command("echo", Delivery.DETACHED);
        ledger
            .accept(command, LedgerFixture.queued(command))
            .onSuccess(id -> print(id, RunState.QUEUED))
            .compose(
                id ->
                    ends
                        ? ledger
                            .update(command, succeeded(command))
                            .onSuccess(ended -> print(id, RunState.SUCCEEDED))
                        : Future.succeededFuture())
            .onComplete(done -> slots.release());
      }
    }

    private static void print(RunId id, RunState state) {
      System.out.println(id + " " + state.label() + " .");
    }
  }
}
