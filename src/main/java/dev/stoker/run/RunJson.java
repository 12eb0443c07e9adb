package dev.stoker.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@link RunRecord} as JSON, and back. The JSON is what callers, the ledger and the bus see. */
public final class RunJson {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int BYTES_USUAL = 1024;

  private RunJson() {}

  /** The public form, as UTF-8. */
  public static Buffer text(RunRecord run) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(BYTES_USUAL);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      write(run, json);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  /** The public form, as a tree. */
  public static JsonObject encode(RunRecord run) {
    return new JsonObject(text(run));
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
        usage == null ? null : usage(usage),
        CacheUse.parse(json.getString("cache")));
  }

  private static void write(RunRecord run, JsonGenerator json) throws IOException {
    String base = "/v1/runs/" + run.id();
    json.writeStartObject();
    json.writeStringField("id", run.id().toString());
    json.writeStringField("tool", run.tool());
    json.writeStringField("principal", run.principal().name());
    json.writeStringField("state", run.state().label());
    json.writeFieldName("exitCode");
    if (run.exit() instanceof Exit.Code(int code)) {
      json.writeNumber(code);
    } else {
      json.writeNull();
    }
    text(json, "signal", run.exit() instanceof Exit.Signal signal ? signal.name() : null);
    text(json, "reason", run.reason());
    write(run.stdout(), "stdout", base, json);
    write(run.stderr(), "stderr", base, json);
    json.writeObjectFieldStart("outputs");
    for (Map.Entry<String, OutputFile> output : run.outputs().entrySet()) {
      OutputFile file = output.getValue();
      json.writeObjectFieldStart(output.getKey());
      json.writeStringField("blob", file.blob().toString());
      json.writeNumberField("bytes", file.bytes());
      json.writeStringField("mediaType", file.mediaType());
      json.writeStringField("href", base + "/outputs/" + output.getKey());
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeStringField("submittedAt", run.submittedAt().toString());
    text(json, "startedAt", run.startedAt());
    text(json, "finishedAt", run.finishedAt());
    json.writeNumberField("attempt", run.attempt());
    text(json, "node", run.node());
    write(run.usage(), json);
    json.writeStringField("cache", run.cache().label());
    json.writeEndObject();
  }

  private static void write(Captured captured, String name, String base, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart(name);
    if (captured.text() != null) {
      json.writeStringField("text", captured.text());
    } else {
      json.writeStringField("base64", captured.base64());
    }
    json.writeNumberField("bytes", captured.bytes());
    json.writeBooleanField("truncated", captured.truncated());
    if (captured.blob() != null) {
      json.writeStringField("blob", captured.blob().toString());
    }
    json.writeStringField("href", base + "/" + name);
    json.writeEndObject();
  }

  private static void write(@Nullable Usage usage, JsonGenerator json) throws IOException {
    if (usage == null) {
      json.writeNullField("usage");
    } else {
      json.writeObjectFieldStart("usage");
      json.writeNumberField("cpuMillis", usage.cpuMillis());
      if (usage.memoryPeakBytes() == Usage.UNKNOWN) {
        json.writeNullField("memoryPeakBytes");
      } else {
        json.writeNumberField("memoryPeakBytes", usage.memoryPeakBytes());
      }
      json.writeEndObject();
    }
  }

  private static void text(JsonGenerator json, String name, @Nullable Object value)
      throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, value.toString());
    }
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

  private static Usage usage(JsonObject json) {
    Long peak = json.getLong("memoryPeakBytes");
    return new Usage(json.getLong("cpuMillis"), peak == null ? Usage.UNKNOWN : peak);
  }

  private static @Nullable Exit exit(JsonObject json) {
    Integer code = json.getInteger("exitCode");
    if (code != null) {
      return new Exit.Code(code);
    }
    String signal = json.getString("signal");
    return signal == null ? null : Signals.byName(signal);
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
