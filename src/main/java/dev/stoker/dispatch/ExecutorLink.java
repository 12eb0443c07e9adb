package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.executor.AttemptNews;
import dev.stoker.executor.Executor;
import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.executor.ExecutorMessage.Cancel;
import dev.stoker.executor.ExecutorMessage.Execute;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;
import java.util.function.Consumer;

/**
 * What the dispatcher says to executors and hears of them. Confined to the dispatcher's context.
 */
final class ExecutorLink {
  private final EventBus bus;
  private final DispatchSettings settings;
  private final String newsAddress;

  ExecutorLink(EventBus bus, DispatchSettings settings) {
    this.bus = bus;
    this.settings = settings;
    this.newsAddress = "stoker.v1.news." + settings.node();
  }

  /** Hears of attempts from now on. */
  void listen(Consumer<AttemptNews> listener) {
    bus.<AttemptNews>consumer(
        newsAddress,
        message -> {
          listener.accept(message.body());
          // The executor keeps the output readable until the end is known here.
          message.reply(null);
        });
  }

  /** Asks for a run's next attempt; fails when nobody acknowledges in time. */
  Future<Ack> place(LiveRun run) {
    Execute order =
        new Execute(
            run.command(),
            run.tool(),
            run.invocation(),
            run.key(),
            run.record(),
            run.record().attempt() + 1,
            newsAddress);
    return Bus.request(bus, Executor.address(settings.node()), order, settings.acknowledge());
  }

  /** Asks for the end of a run that was placed. */
  void cancel(LiveRun run, String reason) {
    bus.send(Executor.address(settings.node()), new Cancel(run.command().id(), reason));
  }
}
