package dev.stoker.cache;

import static dev.stoker.cache.CacheNode.id;
import static dev.stoker.cache.Results.digest;
import static dev.stoker.cache.Results.key;
import static dev.stoker.cache.Results.withBlobs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import com.hazelcast.config.Config;
import com.hazelcast.map.IMap;
import dev.stoker.cache.ResultCache.Flight;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two members that stay for all tests; each test has a tool of its own. */
@Tag("patient")
class ClusteredResultCacheIT {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration TICK = Duration.ofMillis(1);
  private static final NodeId A = id("a");
  private static final NodeId B = id("b");
  private static final NodeId GONE = id("gone");
  private static final TickingClock CLOCK = new TickingClock();
  private static final String CLUSTER = "cache-" + UUID.randomUUID();
  private static int[] ports = {};
  private static CacheNode a;
  private static CacheNode b;
  private String tool = "";

  @BeforeAll
  static void start() throws Exception {
    ports = new int[] {CacheNode.freePort(), CacheNode.freePort(), CacheNode.freePort()};
    a = CacheNode.start(config(0), new FakeMembers(A, B), CLOCK);
    b = CacheNode.start(config(1), new FakeMembers(B, A), CLOCK);
    assertThat(b.hazelcast.getCluster().getMembers()).hasSize(2);
  }

  private static Config config(int number) {
    return CacheNode.config(CLUSTER, ports[number], ports[0], ports[1], ports[2]);
  }

  @AfterAll
  static void stop() {
    b.close();
    a.close();
  }

  @BeforeEach
  void nameTool() {
    tool = "tool-" + UUID.randomUUID();
    CLOCK.pass(TICK);
  }

  @Test
  void shouldGiveOnEveryNodeWhatOneHasStored() {
    RunRecord run = success("hello");
    a.cache.put(key(tool, 1), run, HOUR);

    assertThat(b.cache.get(key(tool, 1))).isEmpty();
    CachedResult found = awaitOn(b, key(tool, 1));

    assertThat(found.run()).isEqualTo(run);
    assertThat(b.cache.get(key(tool, 1))).contains(found);
    assertThat(a.cache.get(key(tool, 1))).contains(found);
  }

  @Test
  void shouldKeepWhatIsFetchedOnlyForTheTimeThatIsLeft() {
    a.cache.put(key(tool, 1), success("hello"), HOUR);
    awaitInMap(key(tool, 1));
    CLOCK.pass(HOUR.minus(TICK));

    CachedResult late = awaitOn(b, key(tool, 1));
    CLOCK.pass(TICK);

    assertThat(late.expiresAt()).isEqualTo(late.storedAt().plus(HOUR));
    assertThat(b.cache.get(key(tool, 1))).isEmpty();
    assertThat(b.cache.fetch(key(tool, 1)).await()).isEmpty();
  }

  @Test
  void shouldLetTheMapForgetWhatIsTooOld() {
    a.cache.put(key(tool, 1), success("hello"), Duration.ofSeconds(1));
    awaitInMap(key(tool, 1));

    await().until(() -> !results(b).containsKey(ClusterMaps.key(key(tool, 1))));
  }

  @Test
  void shouldShareNothingButSuccesses() {
    a.cache.put(key(tool, 1), success("no").in(RunState.FAILED), HOUR);
    a.cache.put(key(tool, 2), success("yes"), HOUR);

    awaitInMap(key(tool, 2));
    assertThat(b.cache.fetch(key(tool, 1)).await()).isEmpty();
  }

  @Test
  void shouldAnswerOnTheContextOfTheCaller() throws Exception {
    a.cache.put(key(tool, 1), success("hello"), HOUR);
    awaitInMap(key(tool, 1));
    Context context = b.vertx.getOrCreateContext();
    CompletableFuture<List<Context>> answered = new CompletableFuture<>();

    context.runOnContext(
        on ->
            Future.join(
                    b.cache.fetch(key(tool, 1)).map(found -> Vertx.currentContext()),
                    b.cache.claim(key(tool, 1), RunId.next()).map(none -> Vertx.currentContext()))
                .onSuccess(both -> answered.complete(both.list())));

    assertThat(answered.get()).containsExactly(context, context);
  }

  @Test
  void shouldStayWithinItsBytesOnEveryMember() {
    String text = "x".repeat(3_000);
    long failuresBefore = a.cache.clusterFailures();
    for (int n = 0; n < 8000; n++) {
      a.cache.put(key(tool, n), success(text), HOUR);
      if (n % 500 == 0) {
        await().until(() -> !a.cache.isWriting());
      }
    }

    await().until(() -> !a.cache.isWriting());
    for (CacheNode node : List.of(a, b)) {
      long bytes = results(node).getLocalMapStats().getHeapCost();
      assertThat(bytes)
          .isBetween(
              CacheNode.SETTINGS.clusterMax().bytes() / 2,
              CacheNode.SETTINGS.clusterMax().bytes() * 5 / 4);
    }
    assertThat(a.cache.clusterFailures()).isEqualTo(failuresBefore);
    // The others' results would be the first to go.
    a.cache.purge(Optional.of(tool)).await();
    assertThat(results(a).size()).isLessThan(100);
  }

  @Test
  void shouldTakePartWhereTheMapHasAnotherBoundThanItsOwn() {
    CacheSettings others =
        new CacheSettings(
            CacheNode.SETTINGS.nodeMax(),
            ByteSize.parse("16MiB"),
            CacheNode.SETTINGS.clockSkew(),
            Duration.ofMinutes(5));
    try (ClusteredResultCache different =
        ClusteredResultCache.open(
            others, b.hazelcast, new FakeMembers(id("different"), A, B), b.vertx, CLOCK, CLOCK)) {
      different.put(key(tool, 1), success("hello"), HOUR);

      assertThat(awaitOn(a, key(tool, 1)).run().stdout().text()).isEqualTo("hello");
      assertThat(
              b.hazelcast
                  .getConfig()
                  .getMapConfig(ClusterMaps.RESULTS)
                  .getEvictionConfig()
                  .getSize())
          .isEqualTo(8);
    }
  }

  @Test
  void shouldPurgeOnEveryNodeBeforeItSaysSo() {
    RunRecord before = success("old");
    a.cache.put(key(tool, 1), before, HOUR);
    awaitOn(b, key(tool, 1));

    int forgotten = a.cache.purge(Optional.of(tool)).await();

    assertThat(forgotten).isEqualTo(1);
    assertThat(b.cache.get(key(tool, 1))).isEmpty();
    assertThat(b.cache.fetch(key(tool, 1)).await()).isEmpty();
    b.cache.put(key(tool, 1), before, HOUR);
    assertThat(b.cache.get(key(tool, 1))).isEmpty();
    CLOCK.pass(CacheNode.SETTINGS.clockSkew().plus(TICK));
    a.cache.put(key(tool, 1), success("new"), HOUR);
    assertThat(awaitOn(b, key(tool, 1)).run().stdout().text()).isEqualTo("new");
  }

  @Test
  void shouldPurgeOneToolOnly() {
    a.cache.put(key(tool, 1), success("mine"), HOUR);
    RunRecord other = Results.success(tool + "-other", "x", CLOCK.instant());
    a.cache.put(key(tool + "-other", 1), other, HOUR);
    awaitInMap(key(tool, 1));
    awaitInMap(key(tool + "-other", 1));

    b.cache.purge(Optional.of(tool)).await();

    assertThat(b.cache.fetch(key(tool, 1)).await()).isEmpty();
    assertThat(b.cache.fetch(key(tool + "-other", 1)).await()).isPresent();
  }

  @Test
  void shouldStoreNothingFromBeforeAPurgeOnANodeThatJoinsLater() throws Exception {
    RunRecord before = success("old");
    a.cache.purge(Optional.of(tool)).await();

    try (CacheNode late = CacheNode.start(config(2), new FakeMembers(id("late"), A, B), CLOCK)) {
      late.cache.put(key(tool, 1), before, HOUR);

      assertThat(late.cache.get(key(tool, 1))).isEmpty();
      assertThat(results(late).containsKey(ClusterMaps.key(key(tool, 1)))).isFalse();
    }
    await().until(() -> a.hazelcast.getCluster().getMembers().size() == 2);
  }

  @Test
  void shouldGiveNothingFromBeforeAPurgeThatAnotherHasStoredAfter() {
    RunRecord before = success("old");
    CachedResult stale = new CachedResult(before, CLOCK.instant(), CLOCK.instant().plus(HOUR));
    a.cache.purge(Optional.of(tool)).await();

    results(a).set(ClusterMaps.key(key(tool, 1)), ResultBytes.encode(stale));

    assertThat(b.cache.fetch(key(tool, 1)).await()).isEmpty();
    assertThat(b.cache.get(key(tool, 1))).isEmpty();
  }

  @Test
  void shouldHearLaterOfAPurgeThatItMissed() {
    Vertx apart = Vertx.vertx();
    FakeMembers cut = new FakeMembers(id("cut"));
    try (ClusteredResultCache missing =
        ClusteredResultCache.open(CacheNode.SETTINGS, b.hazelcast, cut, apart, CLOCK, CLOCK)) {
      a.cache.put(key(tool, 1), success("old"), HOUR);
      await().until(() -> missing.fetch(key(tool, 1)).await().isPresent());

      a.cache.purge(Optional.of(tool)).await();

      await().until(() -> missing.get(key(tool, 1)).isEmpty());
    } finally {
      apart.close().await();
    }
  }

  @Test
  void shouldTellAgainOfAPurgeThatTheMapHasLost() {
    a.cache.purge(Optional.of(tool)).await();

    b.hazelcast.getMap(ClusterMaps.PURGES).clear();

    await()
        .until(
            () ->
                String.valueOf(b.hazelcast.<String, String>getMap(ClusterMaps.PURGES).get("times"))
                    .contains(tool + ' '));
  }

  @Test
  void shouldLetOneLeadOverAllNodes() {
    for (int n = 0; n < 50; n++) {
      RunId candidateOfA = RunId.next();
      RunId candidateOfB = RunId.next();
      Future<Optional<Flight>> claimOfA = a.cache.claim(key(tool, n), candidateOfA);
      Future<Optional<Flight>> claimOfB = b.cache.claim(key(tool, n), candidateOfB);

      Optional<Flight> seenByA = claimOfA.await();
      Optional<Flight> seenByB = claimOfB.await();

      if (seenByA.isEmpty()) {
        assertThat(seenByB).contains(new Flight(candidateOfA, A));
      } else {
        assertThat(seenByA).contains(new Flight(candidateOfB, B));
        assertThat(seenByB).isEmpty();
      }
    }
  }

  @Test
  void shouldGiveTheFlightOnOnlyWhenItsLeaderReleasesIt() {
    RunId first = RunId.next();
    RunId second = RunId.next();
    assertThat(a.cache.claim(key(tool, 1), first).await()).isEmpty();

    b.cache.release(key(tool, 1), first);
    assertThat(b.cache.claim(key(tool, 1), second).await()).contains(new Flight(first, A));
    b.cache.release(key(tool, 1), second);
    assertThat(flights().get(ClusterMaps.key(key(tool, 1)))).isEqualTo(first + " " + A);
    a.cache.release(key(tool, 1), first);

    await().until(() -> b.cache.claim(key(tool, 1), second).await().isEmpty());
  }

  @Test
  void shouldLeaveNoFlightBehindThatIsReleasedBeforeItsClaimIsThrough() {
    for (int n = 0; n < 100; n++) {
      RunId run = RunId.next();
      a.cache.claim(key(tool, n), run);
      a.cache.release(key(tool, n), run);
    }

    await().until(() -> flights().keySet().stream().noneMatch(flight -> flight.startsWith(tool)));
  }

  @Test
  void shouldLetExactlyOneTakeTheFlightOfANodeThatIsGone() {
    for (int n = 0; n < 50; n++) {
      CacheKey key = key(tool, n);
      flights().set(ClusterMaps.key(key), RunId.next() + " " + GONE);

      Future<Optional<Flight>> ofA = a.cache.claim(key, RunId.next());
      Future<Optional<Flight>> ofB = b.cache.claim(key, RunId.next());

      Optional<Flight> seenByA = ofA.await();
      Optional<Flight> seenByB = ofB.await();
      assertThat(seenByA.isEmpty()).isNotEqualTo(seenByB.isEmpty());
      assertThat(seenByA.or(() -> seenByB).orElseThrow().home()).isIn(A, B);
    }
  }

  @Test
  void shouldTakeTheFlightOfANodesEarlierLife() {
    NodeId reborn = new NodeId("reborn", 2);
    a.members.add(reborn);
    flights().set(ClusterMaps.key(key(tool, 1)), RunId.next() + " " + new NodeId("reborn", 1));
    RunId alive = RunId.next();
    flights().set(ClusterMaps.key(key(tool, 2)), alive + " " + reborn);

    assertThat(a.cache.claim(key(tool, 1), RunId.next()).await()).isEmpty();
    assertThat(a.cache.claim(key(tool, 2), RunId.next()).await())
        .contains(new Flight(alive, reborn));
    a.members.remove(reborn);
  }

  @Test
  void shouldJoinNobodyToAFlightFromBeforeAPurge() {
    // Ids are by the machine's clock, so the purge's time must be, too.
    CLOCK.pass(Duration.between(CLOCK.instant(), Instant.now()));
    RunId before = RunId.next();
    RunId after = RunId.next();
    assertThat(a.cache.claim(key(tool, 1), before).await()).isEmpty();

    b.cache.purge(Optional.of(tool)).await();

    assertThat(b.cache.claim(key(tool, 1), after).await()).isEmpty();
    a.cache.release(key(tool, 1), before);
    await()
        .during(Duration.ofMillis(200))
        .until(() -> (after + " " + B).equals(flights().get(ClusterMaps.key(key(tool, 1)))));
  }

  @Test
  void shouldReferToTheBlobsOfTheClustersResultsThatItsOwnLevelHasNot() {
    Digest output = digest(tool + "output");
    Digest out = digest(tool + "stdout");
    Digest err = digest(tool + "stderr");
    CacheSettings nothingHere =
        new CacheSettings(
            new ByteSize(0),
            CacheNode.SETTINGS.clusterMax(),
            CacheNode.SETTINGS.clockSkew(),
            CacheNode.SETTINGS.flightMax());
    FakeMembers members = new FakeMembers(id("small"), A, B);
    try (ClusteredResultCache small =
        ClusteredResultCache.open(
            nothingHere, a.hazelcast, members, a.vertx, CLOCK, Ticker.disabledTicker())) {
      small.put(key(tool, 0), withBlobs(success("x"), output, out, err), HOUR);

      assertThat(small.get(key(tool, 0))).isEmpty();
      assertThat(Set.of(output, out, err)).allMatch(small.references());
      awaitOn(b, key(tool, 0));
      assertThat(Set.of(output, out, err)).allMatch(b.cache.references());
      small.purge(Optional.of(tool)).await();
      assertThat(Set.of(output, out, err)).noneMatch(small.references());
      assertThat(Set.of(output, out, err)).noneMatch(b.cache.references());
    }
  }

  @Test
  void shouldGoOnWithoutTheClusterWhenItsMemberIsGone() throws Exception {
    CacheNode alone =
        CacheNode.start(
            CacheNode.config("alone-" + UUID.randomUUID(), CacheNode.freePort()),
            new FakeMembers(id("alone")),
            CLOCK);
    alone.hazelcast.getLifecycleService().terminate();
    try {
      alone.cache.put(key(tool, 1), success("here"), HOUR);

      assertThat(alone.cache.fetch(key(tool, 1)).await()).isPresent();
      assertThat(alone.cache.fetch(key(tool, 2)).await()).isEmpty();
      assertThat(alone.cache.claim(key(tool, 2), RunId.next()).await()).isEmpty();
      assertThat(alone.cache.purge(Optional.of(tool)).await()).isEqualTo(1);
      assertThat(alone.cache.clusterFailures()).isPositive();
    } finally {
      alone.cache.close();
    }
  }

  private RunRecord success(String stdout) {
    return Results.success(tool, stdout, CLOCK.instant());
  }

  private static CachedResult awaitOn(CacheNode node, CacheKey key) {
    return await().until(() -> node.cache.fetch(key).await(), Optional::isPresent).orElseThrow();
  }

  private static void awaitInMap(CacheKey key) {
    await().until(() -> results(a).containsKey(ClusterMaps.key(key)));
  }

  private static IMap<String, byte[]> results(CacheNode node) {
    return node.hazelcast.getMap(ClusterMaps.RESULTS);
  }

  private static IMap<String, String> flights() {
    return a.hazelcast.getMap(ClusterMaps.FLIGHTS);
  }
}
