package dev.stoker.executor;

import dev.stoker.bus.Bus;
import dev.stoker.cluster.Members;
import dev.stoker.executor.AttemptNews.Disowned;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;
import java.time.Duration;

/** Speaks to the homes of runs, this node's dispatcher or others'. Thread-safe. */
final class HomeLink {
  /** A ledger that hangs answers within this. */
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private static final Duration PULSE_ANSWER = Duration.ofSeconds(2);

  private final EventBus bus;
  private final Members members;

  HomeLink(EventBus bus, Members members) {
    this.bus = bus;
    this.members = members;
  }

  boolean isHere(NodeId home) {
    return home.equals(members.self());
  }

  /** Tells, and waits until it is heard. */
  Future<Void> ask(NodeId home, AttemptNews news) {
    String address = Executor.newsAddress(home);
    return isHere(home)
        ? Bus.requestHere(bus, address, news, ANSWER)
        : Bus.request(bus, address, news, ANSWER);
  }

  /** Tells, without an answer. */
  void tell(NodeId home, AttemptNews news) {
    if (isHere(home)) {
      Bus.sendHere(bus, Executor.newsAddress(home), news);
    } else {
      bus.send(Executor.newsAddress(home), news);
    }
  }

  /** Says what is held, and hears what should not be. */
  Future<Disowned> pulse(NodeId home, AttemptNews.Pulse pulse) {
    return Bus.request(bus, Executor.newsAddress(home), pulse, PULSE_ANSWER);
  }
}
