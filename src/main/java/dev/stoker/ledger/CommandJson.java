package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A {@link Command} as the ledger keeps it. The names are stable: old books are read for ever. */
final class CommandJson {
  private CommandJson() {}

  static JsonObject encode(Command command) {
    JsonObject inputs = new JsonObject();
    command.inputs().forEach((name, blob) -> inputs.put(name, blob.hex()));
    JsonObject json =
        new JsonObject()
            .put("id", command.id().toString())
            .put("tool", command.tool())
            // Of a run that nobody comes back for nothing is started again: as below.
            .put("parameters", command.isDurable() ? command.parameters() : new JsonObject())
            .put("inputs", inputs)
            .put("principal", command.principal().name())
            .put("priority", command.priority())
            .put("timeout", command.timeout().toString())
            .put("submittedAt", command.submittedAt().toString())
            .put("delivery", command.delivery().name().toLowerCase(Locale.ROOT))
            .put("cacheControl", command.cacheControl().name().toLowerCase(Locale.ROOT))
            .put("traceparent", command.trace().parent());
    if (!command.trace().state().isEmpty()) {
      json.put("tracestate", command.trace().state());
    }
    switch (command.stdin()) {
      case Stdin.None() -> json.put("stdin", new JsonObject());
      case Stdin.Inline inline ->
          json.put(
              "stdin",
              // Who waited for the run is gone when this is read: it is ended, never run.
              command.isDurable()
                  ? new JsonObject().put("inline", inline.bytes())
                  : new JsonObject());
      case Stdin.Blob(Digest digest) ->
          json.put("stdin", new JsonObject().put("blob", digest.hex()));
    }
    Command.IdempotencyKey key = command.idempotencyKey();
    if (key != null) {
      json.put("key", key.key()).put("fingerprint", key.fingerprint().hex());
    }
    return json;
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @param acceptedNanos when its time begins
   * @throws RuntimeException when it did not write this
   */
  static Command decode(JsonObject json, long acceptedNanos) {
    Map<String, Digest> inputs = new TreeMap<>();
    JsonObject blobs = json.getJsonObject("inputs");
    blobs.fieldNames().forEach(name -> inputs.put(name, new Digest(blobs.getString(name))));
    return new Command(
        RunId.parse(json.getString("id")),
        json.getString("tool"),
        json.getJsonObject("parameters"),
        inputs,
        stdin(json.getJsonObject("stdin")),
        new Principal(json.getString("principal")),
        json.getInteger("priority"),
        Duration.parse(json.getString("timeout")),
        acceptedNanos,
        Instant.parse(json.getString("submittedAt")),
        Command.Delivery.valueOf(json.getString("delivery").toUpperCase(Locale.ROOT)),
        Command.CacheControl.valueOf(json.getString("cacheControl").toUpperCase(Locale.ROOT)),
        key(json),
        // Books of before there were traces say nothing of one.
        TraceContext.of(json.getString("traceparent"), json.getString("tracestate")));
  }

  private static Stdin stdin(JsonObject json) {
    if (json.containsKey("inline")) {
      return new Stdin.Inline(json.getBinary("inline"));
    }
    return json.containsKey("blob")
        ? new Stdin.Blob(new Digest(json.getString("blob")))
        : new Stdin.None();
  }

  private static Command.@Nullable IdempotencyKey key(JsonObject json) {
    return json.containsKey("key")
        ? new Command.IdempotencyKey(
            json.getString("key"), new Digest(json.getString("fingerprint")))
        : null;
  }
}
