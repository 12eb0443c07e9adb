package dev.stoker.bridge;

import dev.stoker.audit.Action;
import dev.stoker.audit.Audit;
import dev.stoker.audit.AuditEntry;
import dev.stoker.contract.Contract;
import dev.stoker.dispatch.Runs;
import dev.stoker.request.CommandReader;
import dev.stoker.request.RunOptions;
import dev.stoker.request.Tools;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Origin;
import dev.stoker.run.Principal;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.TraceContext;
import dev.stoker.run.Violation;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Tool;
import dev.stoker.trace.Span;
import dev.stoker.trace.SpanNames;
import dev.stoker.trace.Tracing;
import dev.stoker.trace.Tracing.Kind;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands from the event bus at {@link #COMMANDS} and replies with runs: the JSON of the
 * HTTP API with a key {@code tool} more, and its header fields by their names. A verticle, one a
 * node; confined to its context, but for {@link #leave}.
 */
public final class EventBridge extends VerticleBase {
  /** Where clients send commands; one node takes each. */
  public static final String COMMANDS = "stoker.commands";

  private static final Logger LOG = LoggerFactory.getLogger(EventBridge.class);
  private static final String OPERATION = "createRun";
  private static final String TOOL = "tool";

  private final Parts parts;
  private final Duration waitMax;
  private final Consumer<Function<String, List<String>>> headerCheck;
  private volatile @Nullable MessageConsumer<Object> consumer;

  /** What a bridge works with; whoever made it closes it. Immutable. */
  public record Parts(
      Contract contract,
      Tools tools,
      CommandReader reader,
      Runs runs,
      Metrics metrics,
      Tracing tracing,
      Audit audit) {}

  /**
   * Makes one.
   *
   * @param waitMax the longest that {@code Prefer: wait} waits
   */
  public EventBridge(Parts parts, Duration waitMax) {
    this.parts = parts;
    this.waitMax = waitMax;
    this.headerCheck = parts.contract().headerCheck(OPERATION);
  }

  @Override
  public Future<?> start() {
    MessageConsumer<Object> commands = vertx.eventBus().consumer(COMMANDS, this::take);
    consumer = commands;
    return commands.completion();
  }

  /** Takes no more commands, so that other nodes get them; what was taken is answered. */
  public Future<Void> leave() {
    MessageConsumer<Object> commands = consumer;
    return commands == null ? Future.succeededFuture() : commands.unregister();
  }

  @Override
  public Future<?> stop() {
    return leave();
  }

  private void take(Message<Object> message) {
    if (!message.isSend()) {
      // Every node has got it, and each would run it.
      LOG.warn("a command was published; commands are sent, so that one node takes each");
      parts.audit().record(asked(message, trace(message.headers())).refused("published"));
      return;
    }
    MultiMap headers = message.headers();
    Span span =
        parts
            .tracing()
            .accept(
                Kind.CONSUMER,
                SpanNames.COMMAND,
                field(headers, "traceparent"),
                field(headers, "tracestate"));
    span.set(SpanNames.MESSAGING, "vertx")
        .set(SpanNames.OPERATION, "process")
        .set(SpanNames.DESTINATION, COMMANDS);
    ask(message, span)
        .onComplete(
            run -> {
              span.set(SpanNames.OUTCOME, run.state().label()).end();
              message.reply(RunJson.encode(run));
            },
            e -> {
              span.set(SpanNames.OUTCOME, "refused").fail("refused", e.getMessage()).end();
              Refusals.answer(message, e);
            });
  }

  private Future<RunRecord> ask(Message<Object> message, Span span) {
    parts.metrics().asked(label(message.body()));
    return read(message, span.context())
        .recover(
            e -> refused(message, span.context(), e).transform(written -> Future.failedFuture(e)))
        .compose(
            asked -> {
              span.set(SpanNames.RUN_ID, asked.command.id().toString())
                  .set(SpanNames.TOOL, asked.tool.name());
              return run(asked.command, asked.tool, asked.options);
            });
  }

  /** What somebody has asked for, as far as it can be told from a message that may be anything. */
  private static AuditEntry asked(Message<Object> message, TraceContext trace) {
    AuditEntry entry =
        AuditEntry.of(Action.SUBMIT, Principal.ANONYMOUS, Origin.BUS).trace(trace.traceId());
    return message.body() instanceof JsonObject body && body.getValue(TOOL) instanceof String tool
        ? entry.tool(tool)
        : entry;
  }

  private record Asked(Command command, Tool tool, RunOptions options) {}

  private Future<Asked> read(Message<Object> message, TraceContext trace) {
    try {
      long accepted = System.nanoTime();
      JsonObject body = body(message.body());
      Tool tool = parts.tools().runnable(toolName(body));
      MultiMap headers = message.headers();
      headerCheck.accept(headers::getAll);
      RunOptions options = RunOptions.of(name -> field(headers, name), tool, waitMax, trace);
      body.remove(TOOL);
      return parts
          .reader()
          .read(body, tool, options, accepted)
          .map(command -> new Asked(command, tool, options));
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** The dispatcher was not asked: it counts what it refuses itself. */
  private Future<Void> refused(Message<Object> message, TraceContext trace, Throwable why) {
    ErrorCode code = why instanceof ServiceException told ? told.code() : ErrorCode.INTERNAL;
    parts.metrics().refused(label(message.body()), code.label());
    return parts.audit().record(asked(message, trace).refused(why));
  }

  private Future<RunRecord> run(Command command, Tool tool, RunOptions options) {
    Duration patience = options.preferences().patience();
    return parts
        .runs()
        .submit(command, tool, Origin.BUS)
        .compose(
            run ->
                patience == null || patience.isZero() || run.state().isTerminal()
                    ? Future.succeededFuture(run)
                    : parts.runs().await(run.id(), patience));
  }

  /** Which tool it is about, for metrics. */
  private String label(@Nullable Object body) {
    return body instanceof JsonObject object
            && object.getValue(TOOL) instanceof String name
            && parts.tools().catalog().find(name).isPresent()
        ? name
        : Metrics.UNKNOWN;
  }

  private static TraceContext trace(MultiMap headers) {
    return TraceContext.of(field(headers, "traceparent"), field(headers, "tracestate"));
  }

  private static JsonObject body(@Nullable Object body) {
    if (body instanceof JsonObject object) {
      return object.copy();
    }
    throw invalid(new Violation("body", "is not a JSON object"));
  }

  private static String toolName(JsonObject body) {
    if (body.getValue(TOOL) instanceof String name) {
      return name;
    }
    throw invalid(new Violation(TOOL, "is missing; allowed: the name of a tool"));
  }

  private static ServiceException invalid(Violation violation) {
    return ServiceException.invalid(
        ErrorCode.INVALID_REQUEST, "the message cannot be read", List.of(violation));
  }

  /** There is one form of reply, whatever somebody would accept. */
  private static @Nullable String field(MultiMap headers, String name) {
    List<String> values = headers.getAll(name);
    return values.isEmpty() || "Accept".equals(name) ? null : String.join(", ", values);
  }
}
