package dev.stoker.nemesis;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.stoker.nemesis.Caller.Heard;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;

/**
 * One client of a mixed load. It does what a client should: after a 503 it comes again when it was
 * told to, after a refused connection it tries the next node, and what it asked for with an
 * idempotency key it asks for again until it has an answer. Confined to its thread.
 */
final class LoadClient implements Runnable {
  private static final long RETRY_MILLIS_MAX = 1000;
  private static final Duration PERSISTENCE = Duration.ofSeconds(20);
  private static final int OPEN_MAX = 6;
  private static final int EQUAL_TEXTS = 20;

  private record Open(LoadTool tool, String run) {}

  private final Caller caller;
  private final History history;
  private final LoadMix mix;
  private final Random random;
  private final CountDownLatch over;
  private final String name;
  private final Deque<Open> open = new ArrayDeque<>();
  private int keys;

  /**
   * @param name begins its idempotency keys
   * @param over ends it
   */
  LoadClient(
      Caller caller, History history, LoadMix mix, String name, long seed, CountDownLatch over) {
    this.caller = caller;
    this.history = history;
    this.mix = mix;
    this.random = new Random(seed);
    this.over = over;
    this.name = name;
  }

  @Override
  public void run() {
    try (caller) {
      while (!pause(random.nextLong(mix.thinkMillisMax()))) {
        submit();
        look();
      }
      open.stream()
          .filter(one -> one.tool() == LoadTool.LONG)
          .forEach(one -> caller.cancel(anyNode(), one.tool(), one.run()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void submit() throws InterruptedException {
    LoadMix.Choice choice = mix.choose(random);
    JsonObject parameters = parameters(choice.tool());
    switch (choice.kind()) {
      case SYNC -> sync(choice.tool(), parameters);
      case ASYNC -> async(choice.tool(), parameters);
      case READ, CANCEL -> throw new IllegalStateException("no submission: " + choice);
    }
  }

  private JsonObject parameters(LoadTool tool) {
    boolean equal = tool == LoadTool.CACHED;
    double seconds =
        switch (tool) {
          case LONG -> 20;
          case CACHED -> 0.1;
          case ONCE, AGAIN, CAPPED -> 0.02 + 0.3 * random.nextDouble();
        };
    return new JsonObject()
        .put("seconds", String.format(Locale.ROOT, "%.3f", seconds))
        .put("text", equal ? "equal" + random.nextInt(EQUAL_TEXTS) : name + "-" + keys++);
  }

  private void sync(LoadTool tool, JsonObject parameters) throws InterruptedException {
    Heard heard = ask(node -> caller.sync(node, tool, parameters), Persistence.UNTIL_TAKEN);
    State state = heard.event().state();
    if (heard.event().status() != 200 || state == null || !state.name().equals("succeeded")) {
      history.failed(heard.event() + " " + heard.problem());
    }
  }

  private void async(LoadTool tool, JsonObject parameters) throws InterruptedException {
    String key = name + "-key-" + keys++;
    Heard heard =
        ask(node -> caller.async(node, tool, key, parameters), Persistence.UNTIL_ANSWERED);
    String run = heard.event().run();
    if (run != null) {
      open.add(new Open(tool, run));
    }
  }

  private enum Persistence {
    /** A request that may have been taken is not sent again. */
    UNTIL_TAKEN,
    /** It has a key and may be sent again. */
    UNTIL_ANSWERED
  }

  private Heard ask(IntFunction<Heard> request, Persistence persistence)
      throws InterruptedException {
    long giveUp = System.nanoTime() + PERSISTENCE.toNanos();
    int node = anyNode();
    while (true) {
      Heard heard = request.apply(node);
      int status = heard.event().status();
      boolean again =
          heard.refused()
              || status == 503
              || status == 429
              || (status == Event.NONE && persistence == Persistence.UNTIL_ANSWERED);
      if (!again || System.nanoTime() > giveUp) {
        return heard;
      }
      node = (node + 1) % caller.nodes();
      long wait = heard.refused() ? 20 : Math.min(RETRY_MILLIS_MAX, heard.retryAfterMillis());
      MILLISECONDS.sleep(wait);
    }
  }

  /** Asks after the runs that it was promised, and cancels some. */
  private void look() {
    int looks = open.size() > OPEN_MAX ? open.size() - OPEN_MAX : open.isEmpty() ? 0 : 1;
    for (int i = 0; i < looks; i++) {
      Open one = open.removeFirst();
      if (one.tool() == LoadTool.LONG) {
        caller.cancel(anyNode(), one.tool(), one.run());
      }
      Duration wait = Duration.ofMillis(random.nextInt(500));
      State state = caller.read(anyNode(), one.tool(), one.run(), wait).event().state();
      if (state == null || !state.terminal()) {
        open.addLast(one);
      }
    }
  }

  private int anyNode() {
    return random.nextInt(caller.nodes());
  }

  /** Whether it is over. */
  private boolean pause(long millis) throws InterruptedException {
    return over.await(millis, MILLISECONDS);
  }
}
