package dev.stoker.cache;

import dev.stoker.run.RunId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;

/**
 * A member in a JVM of its own that stores results, takes flights, says {@code ready} and lives
 * until it is killed or its input ends. Arguments: cluster, tool, number of results and flights,
 * own port, another member's port.
 */
final class CacheMember {
  private CacheMember() {}

  public static void main(String[] arguments) throws Exception {
    String tool = arguments[1];
    int count = Integer.parseInt(arguments[2]);
    int[] ports = Arrays.stream(arguments).skip(3).mapToInt(Integer::parseInt).toArray();
    FakeMembers members = new FakeMembers(CacheNode.id("killed"), CacheNode.id("survivor"));
    try (CacheNode node =
        CacheNode.start(CacheNode.config(arguments[0], ports), members, new TickingClock())) {
      for (int n = 0; n < count; n++) {
        node.cache.put(
            Results.key(tool, n),
            Results.success(tool, "result " + n, Clock.systemUTC().instant()),
            Duration.ofHours(1));
        if (node.cache.claim(Results.key(tool, count + n), RunId.next()).await().isPresent()) {
          throw new IllegalStateException("the flight is another's");
        }
      }
      while (node.cache.isWriting()) {
        Thread.onSpinWait();
      }
      System.out.println("ready");
      untilInputEnds();
    }
  }

  private static void untilInputEnds() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      // Whoever started this says nothing: it only ends.
    }
  }
}
