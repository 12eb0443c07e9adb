package dev.stoker.executor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.bus.OnTheWire;
import dev.stoker.cache.CacheKey;
import dev.stoker.executor.AttemptNews.Disowned;
import dev.stoker.executor.AttemptNews.Held;
import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.executor.ExecutorMessage.Adoption;
import dev.stoker.executor.ExecutorMessage.Order;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Captured;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.Exit;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.OutputFile;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.run.Usage;
import dev.stoker.tool.Invocation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that homes and executors of two nodes say to each other. */
class MessageWireTest {
  private static final NodeId HOME = new NodeId("home-1", 7);
  private static final NodeLoad LOAD =
      new NodeLoad(new NodeId("executor", 2), Long.MAX_VALUE, 8, 3, Map.of("a", 1, "b", 2), true);
  private static final Digest DIGEST = Digest.of("x".getBytes(StandardCharsets.UTF_8));

  static Stream<Object> messages() {
    RunRecord queued = RunRecord.queued(command(new Stdin.None(), null), CacheUse.COLLAPSED);
    RunRecord ended = ended(queued);
    return Stream.of(
        order(command(new Stdin.None(), null), null),
        order(
            command(
                new Stdin.Inline(new byte[] {0, -1, 7}), new Command.IdempotencyKey("k", DIGEST)),
            new CacheKey("sleep", DIGEST)),
        order(command(new Stdin.Blob(DIGEST), null), new CacheKey("sleep", DIGEST)),
        new ExecutorMessage.Cancel(RunId.next(), HOME, 4, "the caller said: \"no\" ✗"),
        new ExecutorMessage.Adopt(RunId.next(), 3, 12, HOME),
        new ExecutorMessage.Answer(Ack.ACCEPTED, LOAD),
        new ExecutorMessage.Answer(Ack.BUSY, LOAD),
        new ExecutorMessage.Answer(Ack.OTHER_TOOL, LOAD),
        new Adoption.Running(queued.started(Instant.now(), 2, "executor")),
        new Adoption.Over(new AttemptNews.Ended(ended, 4, true, LOAD)),
        new Adoption.Over(new AttemptNews.TryAgain(ended, 4, LOAD)),
        new Adoption.Unknown(),
        new AttemptNews.Starting(queued, 1, LOAD),
        new AttemptNews.Started(queued.started(Instant.now(), 1, "executor"), 1, LOAD),
        new AttemptNews.Ended(ended, 1, false, LOAD),
        new AttemptNews.NotBegun(queued, 1, "no \"answer\"", LOAD),
        new AttemptNews.TryAgain(ended, 1, LOAD),
        new AttemptNews.Freed(LOAD),
        new AttemptNews.Pulse(HOME, List.of(), LOAD),
        new AttemptNews.Pulse(HOME, List.of(new Held(RunId.next(), 1)), LOAD),
        new Disowned(List.of()),
        new Disowned(List.of(RunId.next(), RunId.next())),
        LOAD,
        new NodeLoad(HOME, 0, 1, 0, Map.of(), false));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldArriveAsItWasSent(Object message) {
    OnTheWire.assertCarried(message);
  }

  @Test
  void shouldSeeADifference() {
    Order order = order(command(new Stdin.None(), null), null);
    Object changed = new AttemptNews.Freed(LOAD);

    // The comparison that the others rely on is none that anything passes.
    assertThatThrownBy(() -> OnTheWire.assertCarried(new Unfaithful(order.attempt(), changed)))
        .isInstanceOf(AssertionError.class);
  }

  /** Says another number than it was made of. */
  private record Unfaithful(int number, Object of) {
    Unfaithful {
      number++;
    }
  }

  private static Order order(Command command, @Nullable CacheKey key) {
    return new Order(
        command,
        DIGEST.hex(),
        key == null ? "" : DIGEST.hex(),
        new Invocation(
            List.of("sleep", "", "-1"), Map.of("LANG", "C"), Map.of("in", "in.txt"), Map.of()),
        key,
        RunRecord.queued(command, CacheUse.MISS),
        2,
        5,
        HOME);
  }

  private static RunRecord ended(RunRecord queued) {
    return queued
        .started(Instant.now(), 2, "executor")
        .ended(
            new Outcome.Failed("ended by SIGSEGV"),
            Instant.now(),
            new Exit.Signal(11, "SIGSEGV"),
            Captured.of(new byte[] {-1}, 9, true, DIGEST),
            Captured.EMPTY,
            Map.of("avi", new OutputFile(DIGEST, 12, "video/x-msvideo")),
            new Usage(3, 4096));
  }

  private static Command command(Stdin stdin, Command.@Nullable IdempotencyKey key) {
    return new Command(
        RunId.next(),
        "sleep",
        new JsonObject()
            .put("seconds", 1.5)
            .put("tags", new JsonArray().add("a").add(new JsonObject().put("b", true)))
            .putNull("nothing"),
        Map.of("video", DIGEST),
        stdin,
        Principal.ANONYMOUS,
        Command.PRIORITY_DEFAULT,
        Duration.ofMillis(1500),
        System.nanoTime(),
        Instant.now(),
        Command.Delivery.STREAM,
        Command.CacheControl.NO_STORE,
        key,
        TraceContext.begin());
  }
}
