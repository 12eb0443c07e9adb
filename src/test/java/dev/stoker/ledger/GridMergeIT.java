package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.map.IMap;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters that have not seen each other, until one of them finds the other. */
@Tag("patient")
class GridMergeIT {
  private static final Duration MERGED_MAX = Duration.ofSeconds(40);

  @TempDir private Path directory;
  private final Grids grids = new Grids();
  private LedgerFixture a;
  private LedgerFixture b;

  @BeforeEach
  void open() throws IOException {
    String atA = Grids.address();
    String atB = Grids.address();
    // B is not there yet when A begins, and looks for nobody when it begins itself. Of two that are
    // as large only one goes to the other, and it may be the one that does not look: B has C.
    a = grids.apart(directory, new NodeId("a", 1), atA, atA, atB);
    b = grids.apart(directory, new NodeId("b", 1), atB, atB);
    LedgerFixture c = grids.apart(directory, new NodeId("c", 1), atB, atB);
    Grids.awaitHealthy(a, b, c);
  }

  @AfterEach
  void close() {
    grids.close();
  }

  @Test
  void shouldKeepTheNewerFenceThenTheEnd() {
    GridRun newerAtA = run("x@1", 3, true);
    GridRun newerAtB = run("x@1", 1, true);
    GridRun endedAtA = run("x@1", 2, false);
    GridRun endedAtB = run("x@1", 2, true);
    put(a, newerAtA);
    put(b, with(newerAtA, "y@1", 2, true));
    put(a, newerAtB);
    put(b, with(newerAtB, "y@1", 2, true));
    put(a, endedAtA);
    put(b, with(endedAtA, "x@1", 2, true));
    put(a, endedAtB);
    put(b, with(endedAtB, "x@1", 2, false));
    // As the smaller side has it of a run that the larger one has ended, whichever that will be.
    Command byA = a.accept(command("echo", Delivery.DETACHED));
    Command byB = b.accept(command("echo", Delivery.DETACHED));
    put(b, new GridRun(byA.id(), "a@1", 1, record(queued(byA)), bytes(byA)));
    put(a, new GridRun(byB.id(), "b@1", 1, record(queued(byB)), bytes(byB)));
    RunRecord endByA = succeeded(byA);
    await(a.ledger.update(byA, endByA));
    RunRecord endByB = succeeded(byB);
    await(b.ledger.update(byB, endByB));
    assertThat(members(a)).isOne();

    Awaitility.await().atMost(MERGED_MAX).until(() -> members(a) == 3 && members(b) == 3);

    Awaitility.await()
        .atMost(MERGED_MAX)
        .untilAsserted(
            () -> {
              for (LedgerFixture node : new LedgerFixture[] {a, b}) {
                assertThat(get(node, newerAtA)).isEqualTo("x@1 3 live");
                assertThat(get(node, newerAtB)).isEqualTo("y@1 2 live");
                assertThat(get(node, endedAtA)).isEqualTo("x@1 2 ended");
                assertThat(get(node, endedAtB)).isEqualTo("x@1 2 ended");
                assertThat(await(node.ledger.find(byA.id()))).contains(endByA);
                assertThat(await(node.ledger.find(byB.id()))).contains(endByB);
              }
            });
    // Nobody is given again what has ended.
    assertThat(await(b.ledger.takeOver(a.self(), 10))).isEmpty();
    assertThat(await(a.ledger.takeOver(b.self(), 10))).isEmpty();
    Awaitility.await()
        .atMost(MERGED_MAX)
        .untilAsserted(() -> assertThat(grids.runs(a)).doesNotContain(byA.id(), byB.id()));
  }

  private int members(LedgerFixture node) {
    return grids.member(node).hazelcast().getCluster().getMembers().size();
  }

  private static GridRun run(String home, long fence, boolean live) {
    Command command = command("echo", Delivery.DETACHED);
    return new GridRun(
        command.id(), home, fence, record(queued(command)), live ? bytes(command) : null);
  }

  private static GridRun with(GridRun run, String home, long fence, boolean live) {
    byte @Nullable [] command = live ? bytes(command("echo", Delivery.DETACHED)) : null;
    return new GridRun(run.id(), home, fence, run.record(), command);
  }

  private static byte[] bytes(Command command) {
    return CommandJson.encode(command).toBuffer().getBytes();
  }

  private static byte[] record(RunRecord record) {
    return RunJson.text(record).getBytes();
  }

  private IMap<String, byte[]> map(LedgerFixture node) {
    return grids.member(node).hazelcast().getMap("stoker.ledger.runs");
  }

  private void put(LedgerFixture node, GridRun run) {
    map(node).set(run.id().toString(), run.encode());
  }

  private String get(LedgerFixture node, GridRun run) {
    GridRun there = GridRun.decode(Objects.requireNonNull(map(node).get(run.id().toString())));
    return "%s %d %s".formatted(there.home(), there.fence(), there.hasEnded() ? "ended" : "live");
  }
}
