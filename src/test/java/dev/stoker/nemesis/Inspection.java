package dev.stoker.nemesis;

import static org.awaitility.Awaitility.await;

import dev.stoker.Http;
import dev.stoker.RunView;
import dev.stoker.nemesis.Evidence.AtRest;
import dev.stoker.nemesis.Evidence.Told;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** Looks at a cluster after a load, when it has had the time to come to rest. Stateless. */
final class Inspection {
  private static final Duration REST_MAX = Duration.ofSeconds(45);
  private static final Duration END_MAX = Duration.ofSeconds(60);

  private Inspection() {}

  /** Waits, within bounds, until every accepted run has ended; then gathers what is to be known. */
  static Evidence of(TestCluster cluster, History history, Path log) {
    Map<String, LoadTool> accepted = history.accepted();
    List<Told> told = new ArrayList<>();
    long giveUp = System.nanoTime() + END_MAX.toNanos();
    for (int i = 0; i < cluster.size(); i++) {
      try (Http http = cluster.http(i)) {
        for (String run : accepted.keySet()) {
          told.add(new Told(cluster.node(i).name(), run, ended(http, run, giveUp)));
        }
      }
    }
    cluster.database().ifPresent(database -> told.addAll(Book.read(database, accepted.keySet())));
    List<AtRest> nodes = atRest(cluster);
    return new Evidence(
        history.events(),
        StartLog.read(log, cluster::nodeOf),
        told,
        nodes,
        left(cluster),
        cluster.disturbances());
  }

  private static @Nullable State ended(Http http, String run, long giveUp) {
    while (true) {
      Http.Answer answer = http.get("/v1/runs/" + run + "?wait=5s");
      boolean late = System.nanoTime() > giveUp;
      if (answer.status() == 200) {
        RunView found = answer.run();
        if (found.hasEnded() || late) {
          return State.of(found);
        }
      } else if (answer.status() == 404 || late) {
        return null;
      }
    }
  }

  private static List<AtRest> atRest(TestCluster cluster) {
    patiently(() -> numbers(cluster).stream().allMatch(Inspection::rests));
    return numbers(cluster);
  }

  private static boolean rests(AtRest node) {
    return node.slotsUsed() == 0 && node.queued() == 0;
  }

  private static List<AtRest> numbers(TestCluster cluster) {
    List<AtRest> found = new ArrayList<>();
    for (int i = 0; i < cluster.size(); i++) {
      TestNode node = cluster.node(i);
      String metrics = node.management().get("/metrics").text();
      found.add(
          new AtRest(
              node.name(),
              number(metrics, "stoker_slots"),
              number(metrics, "stoker_slots_used"),
              number(metrics, "stoker_queue_depth")));
    }
    return found;
  }

  /** A gauge's value, with or without labels. */
  static int number(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.matches(name + "(\\{[^}]*})? .*"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + name + " in the metrics"));
  }

  private static List<String> left(TestCluster cluster) {
    patiently(() -> cluster.processes().isEmpty());
    return cluster.processes().entrySet().stream()
        .map(process -> process.getKey() + " of " + process.getValue())
        .toList();
  }

  /** Whoever asks looks again, and says what is wrong then. */
  private static void patiently(Callable<Boolean> condition) {
    try {
      await().atMost(REST_MAX).ignoreException(UncheckedIOException.class).until(condition);
    } catch (ConditionTimeoutException e) {
      return;
    }
  }
}
