package dev.stoker.cache;

import static dev.stoker.cache.CacheNode.id;
import static dev.stoker.cache.Results.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.cache.ResultCache.Flight;
import dev.stoker.run.RunId;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is left of a member in another JVM that hangs, and is then killed. */
@Tag("patient")
class CacheMemberLossIT {
  private static final int COUNT = 40;
  private static final Duration START_MAX = Duration.ofSeconds(60);

  private final String cluster = "cache-" + UUID.randomUUID();

  @Test
  void shouldGoOnWithoutAMemberThatHangsAndKeepTheResultsOfOneThatIsKilled() throws Exception {
    int own = CacheNode.freePort();
    int other = CacheNode.freePort();
    FakeMembers members = new FakeMembers(id("survivor"), id("killed"));
    try (CacheNode survivor =
        CacheNode.start(CacheNode.config(cluster, own, other), members, new TickingClock())) {
      Process killed = startMember(other, own);
      try {
        flightsAreHeldBy(survivor, "killed");
        hang(survivor, killed);

        killed.destroyForcibly().waitFor();
        await().until(() -> survivor.hazelcast.getCluster().getMembers().size() == 1);
        members.remove(id("killed"));

        for (int n = 0; n < COUNT; n++) {
          CacheKey result = key("echo", n);
          Optional<CachedResult> found =
              await().until(() -> survivor.cache.fetch(result).await(), Optional::isPresent);
          assertThat(found.orElseThrow().run().stdout().text()).isEqualTo("result " + n);
          // Here and nowhere else: the claim is taken over, and then it is the survivor's.
          RunId next = RunId.next();
          assertThat(survivor.cache.claim(key("echo", COUNT + n), next).await()).isEmpty();
          assertThat(flight(survivor, COUNT + n)).isEqualTo(next + " " + id("survivor"));
        }
      } finally {
        killed.destroyForcibly().waitFor();
      }
    }
  }

  private static void flightsAreHeldBy(CacheNode node, String home) {
    for (int n = COUNT; n < 2 * COUNT; n++) {
      Optional<Flight> flight = node.cache.claim(key("echo", n), RunId.next()).await();
      assertThat(flight.orElseThrow().home()).isEqualTo(id(home));
    }
  }

  /** About half of the keys are the other member's: it is asked, and does not answer. */
  private static void hang(CacheNode survivor, Process other) throws Exception {
    signal("STOP", other);
    long failuresBefore = survivor.cache.clusterFailures();
    long begun = System.nanoTime();
    for (int n = 1000; n < 1010; n++) {
      CacheKey unknown = key("echo", n);
      assertThat(survivor.cache.fetch(unknown).await()).isEmpty();
      assertThat(survivor.cache.claim(unknown, RunId.next()).await()).isEmpty();
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - begun);
    signal("CONT", other);

    assertThat(survivor.cache.clusterFailures()).isGreaterThan(failuresBefore);
    assertThat(taken)
        .isLessThan(
            ClusterResults.FETCH_MAX.plus(Flights.CLAIM_MAX).multipliedBy(10).plusSeconds(5));
  }

  private static String flight(CacheNode node, int number) {
    return String.valueOf(
        node.hazelcast
            .<String, String>getMap(ClusterMaps.FLIGHTS)
            .get(ClusterMaps.key(key("echo", number))));
  }

  private Process startMember(int... ports) throws IOException {
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            CacheMember.class.getName(),
            cluster,
            "echo",
            Integer.toString(COUNT));
    IntStream.of(ports).forEach(port -> java.command().add(Integer.toString(port)));
    Process started = java.redirectError(Redirect.INHERIT).start();
    BufferedReader out = started.inputReader();
    await()
        .atMost(START_MAX)
        .until(
            () -> {
              String line = out.readLine();
              assertThat(line).describedAs("the member has ended").isNotNull();
              return "ready".equals(line);
            });
    return started;
  }

  private static void signal(String name, Process process) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
