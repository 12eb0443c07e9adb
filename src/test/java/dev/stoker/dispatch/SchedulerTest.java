package dev.stoker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.stoker.cluster.Members;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.tool.Tool;
import dev.stoker.trace.Tracing;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private static final int SLOTS = 2;
  private static final int QUEUE = 3;

  private final Fleet fleet = new Fleet(Members.alone(new NodeId("test", 1)), SLOTS);
  private final Scheduler scheduler = new Scheduler(fleet, QUEUE);
  private final Tool wide = TestTools.tool("wide", 2, 10);
  private final Tool narrow = TestTools.tool("narrow", 1, 1);

  @Test
  void shouldHaveNoMoreOutThanThereAreSlots() {
    admit(wide);
    admit(wide);
    admit(wide);

    assertThat(next()).isPresent();
    assertThat(next()).isPresent();
    assertThat(next()).isEmpty();
    assertThat(scheduler.load().queued()).isEqualTo(1);
    assertThat(scheduler.load().running()).isEqualTo(2);
  }

  @Test
  void shouldHaveNoMoreOfAToolOutThanItMayHave() {
    LiveRun first = admit(narrow);
    admit(narrow);
    LiveRun other = admit(wide);

    assertThat(next()).contains(first);
    assertThat(next()).contains(other);
    freed(other, null);
    assertThat(next()).isEmpty();
    freed(first, null);
    assertThat(next()).isPresent();
  }

  @Test
  void shouldRefuseBeyondTheToolsQueue() {
    admit(narrow);
    admit(narrow);

    assertRefused(narrow, "the queue of tool 'narrow' is full (1 waiting)");
  }

  @Test
  void shouldRefuseBeyondTheNodesQueue() {
    for (int i = 0; i < SLOTS + QUEUE; i++) {
      admit(wide);
    }

    assertRefused(wide, "the queue of this node is full (3 waiting)");
  }

  @Test
  void shouldCountWhatIsReservedAsWaiting() {
    scheduler.reserve(narrow);
    scheduler.reserve(narrow);

    assertRefused(narrow, "is full");
    scheduler.unreserve(run(narrow));
    scheduler.reserve(narrow);
  }

  @Test
  void shouldSayWhenAPlaceIsLikely() {
    LiveRun measured = admit(narrow);
    assertThat(next()).contains(measured);
    freed(measured, Duration.ofSeconds(7));
    admit(narrow);
    assertThat(next()).isPresent();
    admit(narrow);

    assertThatThrownBy(() -> scheduler.reserve(narrow))
        .asInstanceOf(type(ServiceException.class))
        .extracting(ServiceException::retryAfter)
        .isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void shouldForgetARunThatIsTakenOut() {
    LiveRun run = admit(wide);

    assertThat(scheduler.remove(run)).isTrue();
    assertThat(scheduler.remove(run)).isFalse();
    assertThat(next()).isEmpty();
    assertThat(scheduler.load().queued()).isZero();
  }

  private Optional<LiveRun> next() {
    Optional<Scheduler.Next> next = scheduler.next();
    next.ifPresent(placed -> fleet.asked(placed.node(), placed.run().tool()));
    return next.map(Scheduler.Next::run);
  }

  private void freed(LiveRun run, @Nullable Duration took) {
    fleet.answered(new NodeId("test", 1), run.tool());
    scheduler.freed(run, took);
  }

  private void assertRefused(Tool tool, String message) {
    assertThatThrownBy(() -> scheduler.reserve(tool))
        .hasMessageContaining(message)
        .asInstanceOf(type(ServiceException.class))
        .extracting(ServiceException::code)
        .isEqualTo(ErrorCode.CAPACITY_EXCEEDED);
  }

  private LiveRun admit(Tool tool) {
    LiveRun run = run(tool);
    scheduler.reserve(tool);
    scheduler.enqueue(run);
    return run;
  }

  private static LiveRun run(Tool tool) {
    Command command =
        new Command(
            RunId.next(),
            tool.name(),
            new JsonObject(),
            Map.of(),
            new Stdin.None(),
            Principal.ANONYMOUS,
            Command.PRIORITY_DEFAULT,
            Duration.ofSeconds(1),
            System.nanoTime(),
            Instant.now(),
            Command.Delivery.WAIT,
            Command.CacheControl.USE,
            null,
            TraceContext.begin());
    return new LiveRun(
        command,
        tool,
        tool.bind(new JsonObject(), Set.of()),
        null,
        RunRecord.queued(command, CacheUse.BYPASS),
        RunSpans.begin(Tracing.off(), command));
  }
}
