package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.dispatch.DispatchMessage.Await;
import dev.stoker.dispatch.DispatchMessage.Cancel;
import dev.stoker.dispatch.DispatchMessage.Find;
import dev.stoker.dispatch.DispatchMessage.Leave;
import dev.stoker.dispatch.DispatchMessage.Submit;
import dev.stoker.dispatch.DispatchMessage.Watch;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.Origin;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Speaks to the dispatcher, over the event bus. Thread-safe; futures complete on the caller's
 * context.
 */
public final class Runs {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration MARGIN = Duration.ofMinutes(5);

  private final EventBus bus;
  private final String address;

  /**
   * @param node whose dispatcher is asked: this JVM's
   */
  public Runs(EventBus bus, NodeId node) {
    this.bus = bus;
    this.address = address(node);
  }

  static String address(NodeId node) {
    return "stoker.v1.dispatch." + node;
  }

  /**
   * Asks for a run.
   *
   * <p>For {@link Command.Delivery#WAIT} and {@code STREAM} the answer is the ended run; its id is
   * another than the command's when an earlier or equal run gave the result ({@code cache} hit or
   * collapsed) or the idempotency key had one. For {@code DETACHED} it is the record as accepted,
   * once it cannot be lost.
   *
   * <p>What becomes of it is in the audit log. Fails with AUDIT_UNAVAILABLE, TOOL_UNAVAILABLE,
   * CAPACITY_EXCEEDED, IDEMPOTENCY_CONFLICT, LEDGER_UNAVAILABLE or SHUTTING_DOWN.
   */
  public Future<RunRecord> submit(Command command, Tool tool, Origin origin) {
    return Bus.requestHere(
        bus, address, new Submit(command, tool, origin), command.timeout().plus(MARGIN));
  }

  /** The run as it is now. Fails with RUN_NOT_FOUND. */
  public Future<RunRecord> find(RunId run) {
    return Bus.requestHere(bus, address, new Find(run), ANSWER);
  }

  /** The run once it has ended, or as it is when patience is over. Fails with RUN_NOT_FOUND. */
  public Future<RunRecord> await(RunId run, Duration patience) {
    return Bus.requestHere(bus, address, new Await(run, patience), patience.plus(ANSWER));
  }

  /**
   * Asks for a run's end and answers with the record as it is then: {@code cancelling}, or a
   * terminal state. Fails with RUN_NOT_FOUND.
   */
  public Future<RunRecord> cancel(RunId run, String reason) {
    return Bus.requestHere(bus, address, new Cancel(run, reason), ANSWER);
  }

  /** The caller of {@link #submit} takes no answer any more. */
  public void leave(RunId command) {
    Bus.sendHere(bus, address, new Leave(command));
  }

  /**
   * Hears of every change of a run's state, whichever node it belongs to, until unregistered. From
   * other nodes on a best-effort basis: who must not miss the end also asks with {@link #await}.
   */
  public MessageConsumer<RunRecord> watch(RunId run, Consumer<RunRecord> watcher) {
    MessageConsumer<RunRecord> consumer =
        bus.localConsumer(newsAddress(run), message -> watcher.accept(message.body()));
    Bus.sendHere(bus, address, new Watch(run));
    return consumer;
  }

  static String newsAddress(RunId run) {
    return "stoker.v1.run." + run;
  }
}
