package dev.stoker.dispatch;

import dev.stoker.bus.OnTheWire;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that dispatchers of two nodes say to each other. */
class MessageWireTest {
  private static final NodeId NODE = new NodeId("node-1", 3);

  static Stream<DispatchMessage> messages() {
    return Stream.of(
        new DispatchMessage.FindHere(RunId.next()),
        new DispatchMessage.AwaitHere(RunId.next(), Duration.ofNanos(1_500_000_001)),
        new DispatchMessage.CancelHere(RunId.next(), "why not"),
        new DispatchMessage.Join(RunId.next(), RunId.next(), Duration.ofMinutes(10)),
        new DispatchMessage.LeaveJoin(RunId.next(), RunId.next()),
        new DispatchMessage.WatchHere(RunId.next(), NODE),
        new DispatchMessage.Changed(record()),
        new DispatchMessage.HandedOver(),
        new DispatchMessage.Waiting(NODE, 17, Duration.ofSeconds(9)));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldArriveAsItWasSent(DispatchMessage message) {
    OnTheWire.assertCarried(message);
  }

  private static RunRecord record() {
    Command command =
        new Command(
            RunId.next(),
            "sleep",
            new JsonObject(),
            Map.of(),
            new Stdin.None(),
            Principal.ANONYMOUS,
            Command.PRIORITY_LAST,
            Duration.ofSeconds(1),
            System.nanoTime(),
            Instant.now(),
            Command.Delivery.WAIT,
            Command.CacheControl.USE,
            null,
            TraceContext.begin());
    return RunRecord.queued(command, CacheUse.CLUSTER_HIT)
        .started(Instant.now(), 1, NODE.name())
        .ended(new Outcome.Lost("node x is gone"), Instant.now());
  }
}
