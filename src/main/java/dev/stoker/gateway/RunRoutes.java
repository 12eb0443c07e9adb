package dev.stoker.gateway;

import dev.stoker.answer.FileAnswer;
import dev.stoker.answer.RunAnswer;
import dev.stoker.audit.Action;
import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.Preferences;
import dev.stoker.header.Preferences.Respond;
import dev.stoker.ledger.Query;
import dev.stoker.request.CommandReader;
import dev.stoker.request.RunOptions;
import dev.stoker.request.RunOptions.Form;
import dev.stoker.request.Tools;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.DurationText;
import dev.stoker.run.RunId;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.stream.Streams;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Runs: asked for, looked at, listed, cancelled. Confined to its gateway's context. */
final class RunRoutes {
  private static final int LIMIT_DEFAULT = 50;

  private final GatewayParts parts;
  private final GatewaySettings settings;
  private final Runs runs;
  private final Tools tools;
  private final CommandReader reader;
  private final FileAnswer files;
  private final Streams streams;
  private final HitMemo memo;
  private final Traffic traffic;
  private final Audited audited;

  RunRoutes(
      GatewayParts parts,
      GatewaySettings settings,
      Tools tools,
      FileAnswer files,
      Streams streams,
      HitMemo memo,
      Traffic traffic) {
    this.parts = parts;
    this.settings = settings;
    this.runs = parts.runs();
    this.tools = tools;
    this.reader =
        new CommandReader(
            parts.blobs(),
            parts.peers(),
            parts.check(),
            new CommandReader.Limits(settings.jsonBody(), settings.stdin()));
    this.files = files;
    this.streams = streams;
    this.memo = memo;
    this.traffic = traffic;
    this.audited = new Audited(parts.audit());
  }

  /** {@code POST /v1/tools/{tool}/runs}: all that can be refused is refused before the body. */
  Future<Void> create(Exchange exchange) {
    String name = exchange.path("tool");
    traffic.asked(name);
    return read(exchange, System.nanoTime())
        .recover(
            e -> {
              traffic.refused(name, exchange, e);
              return audited.refused(exchange, name, e);
            })
        .compose(asked -> run(exchange, asked.tool, asked.options, asked.command));
  }

  private record Asked(Tool tool, RunOptions options, Command command) {}

  private Future<Asked> read(Exchange exchange, long accepted) {
    try {
      Tool tool = tools.runnable(exchange.path("tool"));
      RunOptions options =
          RunOptions.of(exchange::header, tool, settings.waitMax(), exchange.trace());
      if (options.form() instanceof Form.Events) {
        streams.refuseTooMany();
      }
      return reader
          .read(exchange, tool, options, accepted)
          .map(command -> new Asked(tool, options, command));
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> run(Exchange exchange, Tool tool, RunOptions options, Command command) {
    if (exchange.gone()) {
      return Future.succeededFuture();
    }
    traffic.submitted(exchange, command);
    if (command.delivery() == Delivery.DETACHED) {
      return detached(exchange, tool, options, command);
    }
    return switch (options.form()) {
      case Form.Events() -> streams.events(exchange, tool, options.preferences(), command);
      case Form.Raw(String type) ->
          streams.raw(exchange, tool, options.preferences(), command, type);
      case Form.Json(), Form.File _ -> {
        exchange.onGone(() -> runs.leave(command.id()));
        yield runs.submit(command, tool, exchange.origin())
            .compose(run -> answer(exchange, tool, options, command, run));
      }
    };
  }

  private Future<Void> detached(Exchange exchange, Tool tool, RunOptions options, Command command) {
    Preferences preferences = options.preferences();
    Duration patience = preferences.patience();
    boolean waits = patience != null && !patience.isZero();
    return runs.submit(command, tool, exchange.origin())
        .compose(
            run ->
                waits && patience != null && !run.state().isTerminal()
                    ? runs.await(run.id(), patience)
                    : Future.succeededFuture(run))
        .compose(
            run -> {
              boolean asked = preferences.respond() == Respond.ASYNC && !waits;
              if (asked || !run.state().isTerminal()) {
                headers(exchange, tool, options, command, run);
                exchange.run(202, run);
                return Future.succeededFuture();
              }
              return answer(exchange, tool, options, command, run);
            });
  }

  private Future<Void> answer(
      Exchange exchange, Tool tool, RunOptions options, Command command, RunRecord run) {
    if (exchange.gone()) {
      return Future.succeededFuture();
    }
    headers(exchange, tool, options, command, run);
    if (options.form() instanceof Form.File(String output)) {
      return files.output(exchange, run, output);
    }
    RunAnswer.record(exchange, run, options.preferences());
    boolean hit = run.cache() == CacheUse.HIT || run.cache() == CacheUse.CLUSTER_HIT;
    if (hit && options.form().equals(new Form.Json())) {
      memo.keep(exchange, tool, command);
    }
    return Future.succeededFuture();
  }

  private void headers(
      Exchange exchange, Tool tool, RunOptions options, Command command, RunRecord run) {
    RunAnswer.headers(
        exchange,
        run,
        options.preferences(),
        RunAnswer.cacheStatus(run, command, tool, parts.cache()));
  }

  /** {@code GET /v1/runs/{id}}. */
  Future<Void> get(Exchange exchange) {
    RunId id = RunId.parse(exchange.path("id"));
    Duration patience = patience(exchange.query("wait"));
    Future<RunRecord> found = patience.isZero() ? runs.find(id) : runs.await(id, patience);
    return found.map(
        run -> {
          RunAnswer.headers(exchange.response().headers(), run);
          exchange.run(200, run);
          return null;
        });
  }

  private Duration patience(@Nullable String wait) {
    Duration asked = wait == null ? Duration.ZERO : DurationText.parse(wait);
    return asked.compareTo(settings.waitMax()) > 0 ? settings.waitMax() : asked;
  }

  /** {@code DELETE /v1/runs/{id}}. */
  Future<Void> cancel(Exchange exchange) {
    String id = exchange.path("id");
    return audited
        .tell(
            exchange,
            Audited.asked(Action.CANCEL, exchange).run(id),
            () -> runs.cancel(RunId.parse(id), "cancelled by request"))
        .map(
            run -> {
              RunAnswer.headers(exchange.response().headers(), run);
              exchange.run(run.state().isTerminal() ? 200 : 202, run);
              return null;
            });
  }

  /** {@code GET /v1/runs}. */
  Future<Void> list(Exchange exchange) {
    String state = exchange.query("state");
    String limit = exchange.query("limit");
    String cursor = exchange.query("cursor");
    Query query =
        new Query(
            exchange.query("tool"),
            state == null ? null : RunState.parse(state),
            exchange.query("principal"),
            limit == null ? LIMIT_DEFAULT : Integer.parseInt(limit),
            cursor == null ? null : RunId.parse(cursor));
    return parts
        .ledger()
        .list(query)
        .map(
            page -> {
              JsonArray found = new JsonArray();
              page.runs().forEach(run -> found.add(RunJson.encode(run)));
              RunId next = page.next();
              exchange.json(
                  200,
                  new JsonObject()
                      .put("runs", found)
                      .put("next", next == null ? null : next.toString()));
              return null;
            });
  }
}
