package dev.stoker.audit;

import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Origin;
import dev.stoker.run.Principal;
import dev.stoker.run.ServiceException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that somebody asked for. Holds names only: no parameter, input or text of a failure.
 * Immutable.
 *
 * @param code why it was refused, such as {@code tool_not_found}; null where it was allowed
 * @param tool which tool it was about; null for none, as for the next three
 * @param run the run's id, as the caller wrote it where it was none
 * @param node the node that it was about
 * @param trace the trace that it was part of
 */
public record AuditEntry(
    Instant at,
    Action action,
    @Nullable String code,
    Principal principal,
    Origin origin,
    @Nullable String tool,
    @Nullable String run,
    @Nullable String node,
    @Nullable String trace,
    @Nullable String detail) {

  /** A caller writes some of these: an entry stays a line of some hundred bytes. */
  private static final int CHARACTERS_MAX = 200;

  /** Something that was asked for now, and allowed. */
  public static AuditEntry of(Action action, Principal principal, Origin origin) {
    return new AuditEntry(
        Instant.now(), action, null, principal, origin, null, null, null, null, null);
  }

  /** A command. */
  public static AuditEntry submit(Command command, Origin origin) {
    return of(Action.SUBMIT, command.principal(), origin)
        .tool(command.tool())
        .run(command.id().toString())
        .trace(command.trace().traceId());
  }

  /** The same, about a tool. */
  public AuditEntry tool(@Nullable String name) {
    return new AuditEntry(at, action, code, principal, origin, name, run, node, trace, detail);
  }

  /** The same, about a run. */
  public AuditEntry run(String id) {
    return new AuditEntry(at, action, code, principal, origin, tool, id, node, trace, detail);
  }

  /** The same, about a node. */
  public AuditEntry node(String name) {
    return new AuditEntry(at, action, code, principal, origin, tool, run, name, trace, detail);
  }

  /** The same, part of a trace. */
  public AuditEntry trace(@Nullable String id) {
    return new AuditEntry(at, action, code, principal, origin, tool, run, node, id, detail);
  }

  /** The same, with more to say. */
  public AuditEntry detail(String more) {
    return new AuditEntry(at, action, code, principal, origin, tool, run, node, trace, more);
  }

  /** The same, refused. */
  public AuditEntry refused(String why) {
    return new AuditEntry(at, action, why, principal, origin, tool, run, node, trace, detail);
  }

  /** The same, refused with what a failure says. */
  public AuditEntry refused(Throwable failure) {
    ErrorCode code =
        failure instanceof ServiceException expected ? expected.code() : ErrorCode.INTERNAL;
    return refused(code.name().toLowerCase(Locale.ROOT));
  }

  /**
   * As it is written.
   *
   * @param by the node that writes it
   */
  JsonObject json(String by) {
    JsonObject json =
        new JsonObject()
            .put("at", at.toString())
            .put("action", action.label())
            .put("allowed", code == null);
    put(json, "code", code);
    put(json, "principal", principal.name());
    put(json, "tool", tool);
    put(json, "run", run);
    put(json, "node", node);
    put(json, "channel", origin.channel().name().toLowerCase(Locale.ROOT));
    put(json, "remote", origin.remote());
    put(json, "forwarded", origin.forwarded());
    put(json, "trace", trace);
    put(json, "detail", detail);
    return json.put("by", by);
  }

  private static void put(JsonObject json, String key, @Nullable String value) {
    if (value != null) {
      json.put(key, value.length() > CHARACTERS_MAX ? value.substring(0, CHARACTERS_MAX) : value);
    }
  }
}
