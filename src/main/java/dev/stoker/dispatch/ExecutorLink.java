package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.executor.AttemptNews;
import dev.stoker.executor.Executor;
import dev.stoker.executor.ExecutorMessage;
import dev.stoker.executor.ExecutorMessage.Adopt;
import dev.stoker.executor.ExecutorMessage.Adoption;
import dev.stoker.executor.ExecutorMessage.Answer;
import dev.stoker.executor.ExecutorMessage.Cancel;
import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.executor.ExecutorMessage.Order;
import dev.stoker.executor.NodeLoad;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What the dispatcher says to executors and hears of them. Confined to the dispatcher's context.
 */
final class ExecutorLink {
  private static final Duration ADOPTION = Duration.ofSeconds(2);

  private final EventBus bus;
  private final NodeId self;
  private final Duration acknowledge;

  ExecutorLink(EventBus bus, NodeId self, Duration acknowledge) {
    this.bus = bus;
    this.self = self;
    this.acknowledge = acknowledge;
  }

  /** Hears of attempts, and of this node's own load, from now on. */
  void listen(Consumer<Message<AttemptNews>> listener, Consumer<NodeLoad> load) {
    bus.<AttemptNews>consumer(Executor.newsAddress(self), listener::accept);
    bus.<NodeLoad>localConsumer(Executor.loadAddress(), message -> load.accept(message.body()));
  }

  /** Asks for a run's next attempt; fails when nobody acknowledges in time. */
  Future<Answer> place(LiveRun run, NodeId on, String executable) {
    Order order =
        new Order(
            run.spans().placed(),
            run.tool().digest().hex(),
            executable,
            run.invocation(),
            run.key(),
            run.record(),
            run.record().attempt() + 1,
            run.placement(),
            self);
    return on.equals(self)
        ? Bus.requestHere(bus, Executor.address(on), new Execute(order, run.tool()), acknowledge)
        : Bus.request(bus, Executor.address(on), order, acknowledge);
  }

  /** Asks for the end of one placement of a run. */
  void cancel(LiveRun run, NodeId on, int placement, String reason) {
    ExecutorMessage cancel = new Cancel(run.command().id(), self, placement, reason);
    if (on.equals(self)) {
      Bus.sendHere(bus, Executor.address(on), cancel);
    } else {
      bus.send(Executor.address(on), cancel);
    }
  }

  /** Asks an executor that another home has used to answer to this one. */
  Future<Adoption> adopt(LiveRun run, NodeId on) {
    Adopt adopt = new Adopt(run.command().id(), run.record().attempt(), run.placement(), self);
    return Bus.request(bus, Executor.address(on), adopt, ADOPTION);
  }
}
