package dev.stoker.request;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.stoker.header.Utf8;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads JSON from outside: strictly, within bounds. Thread-safe. */
final class Json {
  private static final int NESTING_MAX = 64;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Pattern TOKEN = Pattern.compile("token '.*'");

  private Json() {}

  /**
   * Reads an object.
   *
   * @throws ServiceException INVALID_REQUEST saying line and column of what is wrong
   */
  static JsonObject object(Buffer text) {
    // The parser takes bytes that are not UTF-8 for some character or other.
    String decoded = Utf8.decode(text.getBytes()).orElseThrow(() -> broken("is not JSON in UTF-8"));
    try {
      Object value = MAPPER.readValue(decoded, Object.class);
      if (value instanceof Map<?, ?> map) {
        @SuppressWarnings("unchecked")
        Map<String, Object> named = (Map<String, Object>) map;
        return new JsonObject(named);
      }
      throw broken("is not a JSON object");
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      // Not the token that it has met: that may be a secret for which somebody forgot the quotes.
      String what =
          TOKEN
              .matcher(e.getOriginalMessage().lines().findFirst().orElse(""))
              .replaceFirst("token");
      throw broken("is not JSON" + where + ": " + what);
    }
  }

  private static ServiceException broken(String what) {
    return ServiceException.invalid(
        ErrorCode.INVALID_REQUEST, "the body cannot be read", List.of(new Violation("body", what)));
  }
}
