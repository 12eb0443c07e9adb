package dev.stoker.run;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@link RunRecord} as JSON, and back. The JSON is what callers, the ledger and the bus see. */
public final class RunJson {
  private RunJson() {}

  /** The public form. */
  public static JsonObject encode(RunRecord run) {
    String base = "/v1/runs/" + run.id();
    JsonObject outputs = new JsonObject();
    run.outputs()
        .forEach(
            (name, file) ->
                outputs.put(
                    name,
                    new JsonObject()
                        .put("blob", file.blob().toString())
                        .put("bytes", file.bytes())
                        .put("mediaType", file.mediaType())
                        .put("href", base + "/outputs/" + name)));
    return new JsonObject()
        .put("id", run.id().toString())
        .put("tool", run.tool())
        .put("principal", run.principal().name())
        .put("state", run.state().label())
        .put("exitCode", run.exit() instanceof Exit.Code(int code) ? code : null)
        .put("signal", run.exit() instanceof Exit.Signal signal ? signal.name() : null)
        .put("reason", run.reason())
        .put("stdout", encode(run.stdout(), base + "/stdout"))
        .put("stderr", encode(run.stderr(), base + "/stderr"))
        .put("outputs", outputs)
        .put("submittedAt", run.submittedAt().toString())
        .put("startedAt", text(run.startedAt()))
        .put("finishedAt", text(run.finishedAt()))
        .put("attempt", run.attempt())
        .put("node", run.node())
        .put("usage", run.usage() == null ? null : encode(run.usage()))
        .put("cache", run.cache().label());
  }

  /**
   * Reads what {@link #encode(RunRecord)} wrote.
   *
   * @throws RuntimeException when it did not write this
   */
  public static RunRecord decode(JsonObject json) {
    Map<String, OutputFile> outputs = new LinkedHashMap<>();
    JsonObject files = json.getJsonObject("outputs");
    for (String name : files.fieldNames()) {
      JsonObject file = files.getJsonObject(name);
      outputs.put(
          name,
          new OutputFile(
              Digest.parse(file.getString("blob")),
              file.getLong("bytes"),
              file.getString("mediaType")));
    }
    JsonObject usage = json.getJsonObject("usage");
    return new RunRecord(
        RunId.parse(json.getString("id")),
        json.getString("tool"),
        new Principal(json.getString("principal")),
        RunState.parse(json.getString("state")),
        exit(json),
        json.getString("reason"),
        decodeCaptured(json.getJsonObject("stdout")),
        decodeCaptured(json.getJsonObject("stderr")),
        outputs,
        Instant.parse(json.getString("submittedAt")),
        instant(json.getString("startedAt")),
        instant(json.getString("finishedAt")),
        json.getInteger("attempt"),
        json.getString("node"),
        usage == null
            ? null
            : new Usage(usage.getLong("cpuMillis"), usage.getLong("memoryPeakBytes")),
        CacheUse.parse(json.getString("cache")));
  }

  private static JsonObject encode(Captured captured, String href) {
    JsonObject json = new JsonObject();
    if (captured.text() != null) {
      json.put("text", captured.text());
    } else {
      json.put("base64", captured.base64());
    }
    json.put("bytes", captured.bytes()).put("truncated", captured.truncated());
    if (captured.blob() != null) {
      json.put("blob", captured.blob().toString());
    }
    return json.put("href", href);
  }

  private static Captured decodeCaptured(JsonObject json) {
    String blob = json.getString("blob");
    return new Captured(
        json.getString("text"),
        json.getString("base64"),
        json.getLong("bytes"),
        json.getBoolean("truncated"),
        blob == null ? null : Digest.parse(blob));
  }

  private static JsonObject encode(Usage usage) {
    return new JsonObject()
        .put("cpuMillis", usage.cpuMillis())
        .put("memoryPeakBytes", usage.memoryPeakBytes());
  }

  private static @Nullable Exit exit(JsonObject json) {
    Integer code = json.getInteger("exitCode");
    if (code != null) {
      return new Exit.Code(code);
    }
    String signal = json.getString("signal");
    return signal == null ? null : Signals.byName(signal);
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
