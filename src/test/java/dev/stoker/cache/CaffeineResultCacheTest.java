package dev.stoker.cache;

import static dev.stoker.cache.Results.digest;
import static dev.stoker.cache.Results.key;
import static dev.stoker.cache.Results.withBlobs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaffeineResultCacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final TickingClock clock = new TickingClock();
  private final CaffeineResultCache cache =
      new CaffeineResultCache(ByteSize.parse("1MiB"), clock, clock);

  @Test
  void shouldGiveTheResultUntilItsTimeIsOver() {
    RunRecord run = success("echo", "hello");
    cache.put(key("echo", 1), run, HOUR);

    pass(HOUR.minusNanos(1));
    CachedResult hit = cache.get(key("echo", 1)).orElseThrow();
    pass(Duration.ofNanos(1));

    assertThat(hit.run()).isEqualTo(run);
    assertThat(hit.expiresAt()).isEqualTo(hit.storedAt().plus(HOUR));
    assertThat(cache.get(key("echo", 1))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = RunState.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SUCCEEDED"})
  void shouldStoreNothingButSuccesses(RunState state) {
    cache.put(key("echo", 1), success("echo", "hello").in(state), HOUR);

    assertThat(cache.get(key("echo", 1))).isEmpty();
  }

  @Test
  void shouldNotStoreWithoutATimeToLive() {
    cache.put(key("echo", 1), success("echo", "hello"), Duration.ZERO);

    assertThat(cache.get(key("echo", 1))).isEmpty();
  }

  @Test
  void shouldNotStoreMoreThanATenthOfItself() {
    String tenth = "x".repeat(1024 * 1024 / 10);

    cache.put(key("echo", 1), success("echo", tenth), HOUR);
    cache.put(key("echo", 2), success("echo", tenth.substring(2 * Weight.FIXED_BYTES)), HOUR);

    assertThat(cache.get(key("echo", 1))).isEmpty();
    assertThat(cache.get(key("echo", 2))).isPresent();
  }

  @Test
  void shouldStayWithinItsBytes() {
    IntStream.range(0, 500)
        .forEach(n -> cache.put(key("echo", n), success("echo", "é†".repeat(2000)), HOUR));

    cache.settle();

    assertThat(cache.weight()).isPositive().isLessThanOrEqualTo(1024 * 1024);
  }

  @Test
  void shouldForgetOnlyTheToolThatIsPurged() {
    cache.put(key("echo", 1), success("echo", "a"), HOUR);
    cache.put(key("gzip", 1), success("gzip", "b"), HOUR);

    int forgotten = cache.purge(Optional.of("echo")).result();

    assertThat(forgotten).isEqualTo(1);
    assertThat(cache.get(key("echo", 1))).isEmpty();
    assertThat(cache.get(key("gzip", 1))).isPresent();
  }

  @Test
  void shouldForgetAll() {
    cache.put(key("echo", 1), success("echo", "a"), HOUR);
    cache.put(key("gzip", 1), success("gzip", "b"), HOUR);

    assertThat(cache.purge(Optional.empty()).result()).isEqualTo(2);
    assertThat(cache.get(key("echo", 1))).isEmpty();
    assertThat(cache.get(key("gzip", 1))).isEmpty();
  }

  @Test
  void shouldStoreNothingOfARunThatBeganBeforeThePurge() {
    RunRecord echoBefore = success("echo", "old");
    RunRecord gzipBefore = success("gzip", "old");
    pass(Duration.ofMillis(1));
    cache.purge(Optional.of("echo"));
    pass(Duration.ofMillis(1));

    cache.put(key("echo", 1), echoBefore, HOUR);
    cache.put(key("echo", 2), success("echo", "new"), HOUR);
    cache.put(key("gzip", 1), gzipBefore, HOUR);

    assertThat(cache.get(key("echo", 1))).isEmpty();
    assertThat(cache.get(key("echo", 2))).isPresent();
    assertThat(cache.get(key("gzip", 1))).isPresent();
  }

  @Test
  void shouldStoreNothingOfAnyRunThatBeganBeforeAFullPurge() {
    RunRecord before = success("echo", "old");

    cache.purge(Optional.empty());
    cache.put(key("echo", 1), before, HOUR);

    assertThat(cache.get(key("echo", 1))).isEmpty();
  }

  @Test
  void shouldLeaveNothingStaleBehindWhenPutsRaceWithAPurge() throws Exception {
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 200; round++) {
        CyclicBarrier start = new CyclicBarrier(4);
        RunRecord old = success("echo", "old");
        Callable<Void> putting =
            () -> {
              start.await();
              IntStream.range(0, 20).forEach(n -> cache.put(key("echo", n), old, HOUR));
              return null;
            };
        Callable<Void> purging =
            () -> {
              start.await();
              cache.purge(Optional.of("echo"));
              return null;
            };
        for (Future<Void> done : threads.invokeAll(List.of(putting, putting, putting, purging))) {
          done.get();
        }

        assertThat(IntStream.range(0, 20).filter(n -> cache.get(key("echo", n)).isPresent()))
            .isEmpty();
        pass(Duration.ofMillis(1));
      }
    }
  }

  @Test
  void shouldHaveOneLeaderAKey() throws Exception {
    int callers = 32;
    CyclicBarrier start = new CyclicBarrier(callers);
    Set<RunId> leaders = ConcurrentHashMap.newKeySet();
    ConcurrentLinkedQueue<RunId> leading = new ConcurrentLinkedQueue<>();

    try (var threads = Executors.newFixedThreadPool(callers)) {
      for (int i = 0; i < callers; i++) {
        threads.execute(
            () -> {
              RunId mine = RunId.next();
              awaitAll(start);
              RunId leader = cache.lead(key("echo", 1), mine);
              leaders.add(leader);
              if (leader.equals(mine)) {
                leading.add(mine);
              }
            });
      }
    }

    assertThat(leaders).hasSize(1);
    assertThat(leading).containsExactlyElementsOf(leaders);
  }

  @Test
  void shouldGiveTheLeadOnOnlyWhenItsLeaderReleasesIt() {
    RunId first = RunId.next();
    RunId second = RunId.next();
    cache.lead(key("echo", 1), first);

    cache.release(key("echo", 1), second);
    RunId whileFirstLeads = cache.lead(key("echo", 1), second);
    cache.release(key("echo", 1), first);
    RunId afterwards = cache.lead(key("echo", 1), second);

    assertThat(whileFirstLeads).isEqualTo(first);
    assertThat(afterwards).isEqualTo(second);
  }

  @Test
  void shouldJoinNobodyToARunFromBeforeAPurge() {
    RunId before = RunId.next();
    RunId after = RunId.next();
    cache.lead(key("echo", 1), before);

    cache.purge(Optional.of("echo"));

    assertThat(cache.lead(key("echo", 1), after)).isEqualTo(after);
    cache.release(key("echo", 1), before);
    assertThat(cache.lead(key("echo", 1), before)).isEqualTo(after);
  }

  @Test
  void shouldReferToTheBlobsOfWhatItHolds() {
    Digest output = digest("output");
    Digest out = digest("stdout");
    Digest err = digest("stderr");
    RunRecord run = withBlobs(success("echo", "x"), output, out, err);

    cache.put(key("echo", 1), run, HOUR);

    assertThat(Set.of(output, out, err)).allMatch(cache.references());
    assertThat(cache.references().test(digest("another"))).isFalse();
    cache.purge(Optional.empty());
    assertThat(Set.of(output, out, err)).noneMatch(cache.references());
  }

  private RunRecord success(String tool, String stdout) {
    return Results.success(tool, stdout, clock.instant());
  }

  private static void awaitAll(CyclicBarrier start) {
    try {
      start.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pass(Duration time) {
    clock.pass(time);
  }
}
