package dev.stoker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldReaderTest {
  private static final JsonObject SCHEMA =
      new JsonObject(
          """
          {"properties": {
            "whole": {"type": "integer"},
            "number": {"type": "number"},
            "flag": {"type": "boolean"},
            "text": {"type": "string"},
            "either": {"type": ["integer", "string"]},
            "pick": {"enum": [1, 2, "auto"]},
            "object": {"type": "object"},
            "list": {"type": "array", "items": {"type": "integer"}},
            "untyped": {}}}
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "whole | 5 | 5",
        "whole | -5 | -5",
        "whole | 5000000000 | 5000000000",
        "whole | 5.5 | \"5.5\"",
        "whole | 0x5 | \"0x5\"",
        "whole | 99999999999999999999 | \"99999999999999999999\"",
        "whole | `` | \"\"",
        "number | 5 | 5",
        "number | 1.5 | 1.5",
        "number | 1e3 | 1000.0",
        "number | 1e999 | \"1e999\"",
        "number | NaN | \"NaN\"",
        "flag | true | true",
        "flag | false | false",
        "flag | yes | \"yes\"",
        "text | 5 | \"5\"",
        "either | 5 | 5",
        "either | five | \"five\"",
        "pick | 2 | 2",
        "pick | auto | \"auto\"",
        "object | {\"a\": 1} | {\"a\":1}",
        "object | {\"a\": | \"{\\\"a\\\":\"",
        "untyped | 5 | \"5\"",
        "unknown | 5 | \"5\"",
        "list | 5 | [5]",
      })
  void shouldReadAFieldAsItsSchemaSays(String name, String text, String json) {
    JsonObject read = FieldReader.read(Map.of(name, List.of(text)), SCHEMA);

    assertThat(read.encode()).isEqualTo("{\"" + name + "\":" + json + "}");
  }

  @Test
  void shouldReadARepeatedFieldAsAList() {
    JsonObject read =
        FieldReader.read(Map.of("list", List.of("1", "x"), "text", List.of("a", "b")), SCHEMA);

    assertThat(read)
        .isEqualTo(
            new JsonObject()
                .put("list", new JsonArray().add(1).add("x"))
                .put("text", new JsonArray().add("a").add("b")));
  }
}
