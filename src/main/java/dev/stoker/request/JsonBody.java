package dev.stoker.request;

import dev.stoker.header.Utf8;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.run.Violation;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The form {@code {params, inputs, stdin}}. One use. */
final class JsonBody {
  private static final Set<String> KEYS = Set.of("params", "inputs", "stdin");
  private static final String DIGEST = "\"sha256:…\" or {\"blob\": \"sha256:…\"}";

  private final JsonObject body;
  private final List<Violation> violations = new ArrayList<>(0);

  JsonBody(JsonObject body) {
    this.body = body;
  }

  /**
   * Reads it.
   *
   * @throws ServiceException INVALID_REQUEST with one violation for each mistake
   */
  RunRequest read() {
    for (String key : body.fieldNames()) {
      if (!KEYS.contains(key)) {
        violations.add(new Violation(key, "is not known; allowed: params, inputs, stdin"));
      }
    }
    RunRequest request = new RunRequest(object("params"), inputs(), stdin(body.getValue("stdin")));
    if (!violations.isEmpty()) {
      throw ServiceException.invalid(
          ErrorCode.INVALID_REQUEST, "the body is not what the API allows", violations);
    }
    return request;
  }

  private JsonObject object(String key) {
    Object value = body.getValue(key);
    if (value instanceof JsonObject object) {
      return object;
    }
    if (value != null) {
      violations.add(new Violation(key, "is not an object; allowed: an object"));
    }
    return new JsonObject();
  }

  private Map<String, Digest> inputs() {
    Map<String, Digest> inputs = new HashMap<>();
    JsonObject given = object("inputs");
    for (String name : given.fieldNames()) {
      Object value = given.getValue(name);
      Object text = value instanceof JsonObject reference ? onlyKey(reference, "blob") : value;
      Digest digest = digest(text);
      if (digest == null) {
        violations.add(
            new Violation("inputs." + name, "is not a blob's digest; allowed: " + DIGEST));
      } else {
        inputs.put(name, digest);
      }
    }
    return inputs;
  }

  private Stdin stdin(@Nullable Object value) {
    if (value == null) {
      return new Stdin.None();
    }
    byte[] bytes = null;
    if (value instanceof String text) {
      bytes = Utf8.encode(text).orElse(null);
    } else if (value instanceof JsonObject object) {
      Digest blob = digest(onlyKey(object, "blob"));
      if (blob != null) {
        return new Stdin.Blob(blob);
      }
      bytes = base64(onlyKey(object, "base64"));
    }
    if (bytes == null) {
      violations.add(
          new Violation(
              "stdin",
              "is not readable; allowed: a string without half a surrogate pair, {\"base64\": \"…\"} or {\"blob\": \"sha256:…\"}"));
      return new Stdin.None();
    }
    if (bytes.length > Stdin.INLINE_BYTES_MAX) {
      violations.add(
          new Violation(
              "stdin",
              "has "
                  + bytes.length
                  + " bytes; allowed: "
                  + Stdin.INLINE_BYTES_MAX
                  + " here, more as a blob or as the body itself"));
      return new Stdin.None();
    }
    return new Stdin.Inline(bytes);
  }

  private static @Nullable Object onlyKey(JsonObject object, String key) {
    return object.size() == 1 ? object.getValue(key) : null;
  }

  private static @Nullable Digest digest(@Nullable Object text) {
    try {
      return text instanceof String digest ? Digest.parse(digest) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static byte @Nullable [] base64(@Nullable Object text) {
    try {
      return text instanceof String encoded ? Base64.getDecoder().decode(encoded) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
