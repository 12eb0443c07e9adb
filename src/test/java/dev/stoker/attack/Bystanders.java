package dev.stoker.attack;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.stoker.Http;
import dev.stoker.RunView;
import dev.stoker.StokerProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Those who have nothing to do with the attacks: one honest run after the other, and somebody who
 * asks for Stoker's health, from the first attack of a level to the last. Closed by who made it.
 */
final class Bystanders implements AutoCloseable {
  private static final Duration HEALTH_WITHIN = Duration.ofSeconds(5);

  private final Collection<String> complaints = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
  private final Http http;
  private final Http health;
  private final Level level;
  private final String given;
  private @Nullable ScheduledFuture<?> examining;
  private volatile boolean over;
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * @param given the blob that each is given
   */
  Bystanders(StokerProcess stoker, Level level, String given) {
    this.http = Http.of(stoker);
    this.health = new Http(stoker.management(), HEALTH_WITHIN);
    this.level = level;
    this.given = given;
  }

  void begin() {
    threads.execute(
        () -> {
          while (!over) {
            complaint(serve()).forEach(complaints::add);
            served.incrementAndGet();
          }
        });
    examining =
        threads.scheduleWithFixedDelay(
            () -> {
              examine("/health/live");
              examine("/health/ready");
              asked.incrementAndGet();
            },
            0,
            50,
            MILLISECONDS);
  }

  /** Ends them; what they have to complain of. */
  List<String> end() throws InterruptedException {
    over = true;
    if (examining != null) {
      examining.cancel(false);
    }
    threads.shutdown();
    if (!threads.awaitTermination(60, SECONDS)) {
      complaints.add("a neighbour does not end");
    }
    return List.copyOf(complaints);
  }

  int served() {
    return served.get();
  }

  int asked() {
    return asked.get();
  }

  /** As many at once as there are slots: all of them are free. */
  List<String> fillAllSlots() throws Exception {
    List<String> all = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(AttackedNode.SLOTS)) {
      List<Future<List<String>>> ends = new ArrayList<>();
      for (int i = 0; i < AttackedNode.SLOTS; i++) {
        ends.add(callers.submit(() -> complaint(serve())));
      }
      for (Future<List<String>> end : ends) {
        all.addAll(end.get());
      }
    }
    return all;
  }

  private void examine(String path) {
    try {
      Http.Answer answer = health.get(path);
      if (answer.status() != 200) {
        complaints.add(path + ": " + answer.status() + " " + answer.text());
      }
    } catch (RuntimeException e) {
      complaints.add(path + ": " + e);
    }
  }

  private Http.Answer serve() {
    JsonObject body =
        new JsonObject()
            .put("params", new JsonObject().put("arguments", new JsonArray()))
            .put("inputs", new JsonObject().put("file", new JsonObject().put("blob", given)));
    return http.post(
        "/v1/tools/neighbour-" + level.word() + "/runs",
        BodyPublishers.ofString(body.encode()),
        "Content-Type",
        "application/json");
  }

  private List<String> complaint(Http.Answer answer) {
    try {
      if (answer.status() != 200) {
        return List.of("a neighbour: " + answer.status() + " " + answer.text());
      }
      RunView run = answer.run();
      if (!run.state().equals("succeeded") || !run.stdout().equals(expected())) {
        return List.of("a neighbour: " + run.json().encode());
      }
      String copy = http.get(run.output("copy").getString("href")).text();
      return copy.equals(AttackedNode.GIVEN + "\n") ? List.of() : List.of("its copy: " + copy);
    } catch (RuntimeException e) {
      return List.of("a neighbour: " + e);
    }
  }

  private static String expected() {
    String rounds =
        IntStream.rangeClosed(1, 4)
            .boxed()
            .flatMap(round -> IntStream.rangeClosed(round, 100).mapToObj(i -> i + "\n"))
            .collect(Collectors.joining());
    return AttackedNode.GIVEN + "\n" + rounds + AttackedNode.GIVEN + "\nfile\n";
  }

  @Override
  public void close() {
    over = true;
    threads.shutdownNow();
    http.close();
    health.close();
  }
}
