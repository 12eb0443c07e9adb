package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each wrong value is refused with its field and what is allowed. */
class BadParametersTest {
  private static final Tool TOOL =
      Catalog.of(
              TestSettings.in(Path.of("none")),
              Map.of(
                  "tool.yaml",
                  """
                  name: tool
                  command:
                    - tool
                    - ${params.text}
                    - --safe=${params.inside}
                    - ${params.number}
                    - ${params.pick}${params.after}
                    - each: params.tags
                      then: ["${item}"]
                    - each: params.lines
                      then: ["x${item}"]
                    - if: params.flag
                      then: [--, "${params.flagged}"]
                    - --
                    - ${params.last}
                  parameters:
                    $defs:
                      name: {type: string, minLength: 2, maxLength: 5, pattern: "^[a-z]+$"}
                    properties:
                      text: {type: string, default: x}
                      inside: {type: string, default: x}
                      number: {type: number, minimum: -10, exclusiveMaximum: 100, default: 1}
                      pick: {enum: [png, -jpg, ""], default: png}
                      after: {type: string, default: x}
                      tags: {type: array, items: {type: string}, maxItems: 2, uniqueItems: true}
                      lines: {type: array, multiline: true, items: {type: string}}
                      flag: {type: boolean}
                      flagged: {type: string, default: x}
                      last: {type: string, default: x}
                      seconds: {type: integer, minimum: 1, maximum: 600, multipleOf: 5}
                      name: {$ref: "#/$defs/name", description: A name}
                      date: {type: string, format: date}
                      either: {anyOf: [{type: integer, minimum: 5}, {enum: [all]}]}
                      not: {not: {const: forbidden}}
                      deep: {type: object, properties: {a: {type: array, items: {type: integer}}}, required: [a], additionalProperties: false}
                      free: {type: object}
                      union: {type: [integer, "null"]}
                    dependentRequired: {date: [name]}
                  """))
          .find("tool")
          .orElseThrow();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"txet\": 1} | params.txet | is not a parameter of this tool; allowed: after, date",
        "{\"text\": 5} | params.text | must be text, not 5",
        "{\"text\": null} | params.text | must be text, not null",
        "{\"text\": [\"a\"]} | params.text | must be text, not a list",
        "{\"seconds\": \"5\"} | params.seconds | must be a whole number, not the text '5'",
        "{\"seconds\": 5.5} | params.seconds | must be a whole number, not 5.5",
        "{\"seconds\": 0} | params.seconds | '0' is out of range; allowed: a whole number of at least 1 and at most 600",
        "{\"seconds\": 605} | params.seconds | at most 600",
        "{\"seconds\": 6} | params.seconds | '6' is not a multiple of 5",
        "{\"number\": 100} | params.number | a number of at least -10 and below 100",
        "{\"number\": -11} | params.number | a number of at least -10 and below 100",
        "{\"number\": true} | params.number | must be a number, not true",
        "{\"pick\": \"gif\"} | params.pick | 'gif' is not allowed; allowed: png, -jpg,",
        "{\"pick\": 7} | params.pick | '7' is not allowed; allowed: png",
        "{\"name\": \"a\"} | params.name | is too short; allowed: at least 2 characters",
        "{\"name\": \"abcdef\"} | params.name | is too long; allowed: at most 5 characters",
        "{\"name\": \"AB\"} | params.name | 'AB' is not in the form allowed: ^[a-z]+$",
        "{\"date\": \"today\", \"name\": \"abc\"} | params.date | a value of the format date",
        "{\"date\": \"2026-01-01\"} | params.name | is missing; it must be given with date",
        "{\"tags\": \"a\"} | params.tags | must be a list, not the text 'a'",
        "{\"tags\": [\"a\", 5]} | params.tags[1] | must be text, not 5",
        "{\"tags\": [\"a\", \"b\", \"c\"]} | params.tags | has too many items; allowed: at most 2",
        "{\"tags\": [\"a\", \"a\"]} | params.tags | holds a value twice",
        "{\"either\": 1} | params.either | a whole number of at least 5; or all",
        "{\"not\": \"forbidden\"} | params.not | 'forbidden' is excluded",
        "{\"deep\": {}} | params.deep.a | is missing; allowed: a list",
        "{\"deep\": {\"a\": [1, \"x\"]}} | params.deep.a[1] | must be a whole number",
        "{\"deep\": {\"a\": [], \"b\": 1}} | params.deep.b | is unknown; allowed: a",
        "{\"union\": \"x\"} | params.union | must be a whole number or null",
        // characters
        "{\"text\": \"a\\u0000b\"} | params.text | control character U+0000 at position 1",
        "{\"text\": \"a\\nb\"} | params.text | control character U+000A at position 1; allowed: text without",
        "{\"text\": \"a\\tb\"} | params.text | U+0009",
        "{\"text\": \"a\\u007f\"} | params.text | U+007F",
        "{\"text\": \"a\\u0085\"} | params.text | U+0085",
        "{\"text\": \"a\\ud800\"} | params.text | half a surrogate pair at position 1",
        "{\"text\": \"\\udc00a\"} | params.text | half a surrogate pair at position 0",
        "{\"tags\": [\"a\", \"b\\u0000\"]} | params.tags[1] | U+0000",
        "{\"lines\": [\"a\\nb\", \"b\\u0000\"]} | params.lines[1] | U+0000",
        "{\"lines\": [\"b\\u001b\"]} | params.lines[0] | U+001B at position 1; allowed: tab, newline and carriage",
        "{\"free\": {\"a\": {\"b\": \"\\u0000\"}}} | params.free.a.b | U+0000",
        "{\"free\": {\"a\": {\"b\\u0000\": 1}}} | params.free.a | has a name with a character that is not allowed",
        "{\"a\\u0000\": 1} | params | has a name with a character that is not allowed",
        // options
        "{\"text\": \"-o/etc/passwd\"} | params.text | '-o/etc/passwd' begins with '-'",
        "{\"text\": \"-\"} | params.text | begins with '-'",
        "{\"after\": \"-x\"} | params.after | begins with '-'",
        "{\"tags\": [\"a\", \"-b\"]} | params.tags[1] | '-b' begins with '-'",
      })
  void shouldRefuse(String json, String field, String words) {
    ServiceException refused =
        catchThrowableOfType(ServiceException.class, () -> TOOL.check(new JsonObject(json)));

    assertThat(refused).as(json).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_PARAMETERS);
    assertThat(refused.violations())
        .as(json)
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.field()).isEqualTo(field);
              assertThat(violation.message()).contains(words);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"inside\": \"-x\"}",
        "{\"number\": -5}",
        "{\"pick\": \"-jpg\"}",
        "{\"lines\": [\"-x\", \"a\\r\\n\\tb\"]}",
        "{\"flagged\": \"-x\", \"flag\": true}",
        "{\"last\": \"-x\"}",
        "{\"text\": \"\"}",
        "{\"text\": \"日本 😀 é\"}",
        "{\"union\": null}",
        "{\"seconds\": 5.0}",
      })
  void shouldAllow(String json) {
    JsonObject checked = TOOL.check(new JsonObject(json));

    assertThat(TOOL.bind(checked, Set.of()).argv()).isNotEmpty();
  }

  @Test
  void shouldTellEachMistakeOnce() {
    JsonObject wrong =
        new JsonObject(
            "{\"text\":\"\\u0000\",\"seconds\":\"x\",\"pick\":1,\"nope\":1,\"name\":\"A\"}");

    ServiceException refused =
        catchThrowableOfType(ServiceException.class, () -> TOOL.check(wrong));

    assertThat(refused.violations())
        .extracting(Violation::field)
        .containsExactlyInAnyOrder(
            "params.text",
            "params.seconds",
            "params.pick",
            "params.nope",
            "params.name",
            "params.name");
  }

  @Test
  void shouldFillInDefaultsAndLeaveTheGivenAsItWas() {
    JsonObject given = new JsonObject().put("text", "given");

    JsonObject checked = TOOL.check(given);

    assertThat(given).isEqualTo(new JsonObject().put("text", "given"));
    assertThat(checked.getString("text")).isEqualTo("given");
    assertThat(checked.getString("pick")).isEqualTo("png");
    assertThat(checked.containsKey("tags")).isFalse();
  }

  @Test
  void shouldRefuseAnArgumentThatNoProcessCouldBeStartedWith() {
    int most = 131_071;
    JsonObject fits = new JsonObject().put("text", "x".repeat(most));
    JsonObject exceeds = new JsonObject().put("text", "x".repeat(most + 1));
    JsonObject withPrefix = new JsonObject().put("inside", "x".repeat(most));

    assertThat(TOOL.bind(TOOL.check(fits), Set.of()).argv().get(1)).hasSize(most);
    assertViolation(exceeds, "params.text", "an argument of 131072 bytes; allowed: at most 131071");
    assertViolation(withPrefix, "params.inside", "an argument of 131078 bytes");
  }

  @Test
  void shouldCountBytesAndNotCharacters() {
    JsonObject wide = new JsonObject().put("text", "€".repeat(43_691));

    assertViolation(wide, "params.text", "an argument of 131073 bytes");
  }

  @Test
  void shouldRefuseArgumentsThatAreTooManyTogether() {
    JsonArray lines = new JsonArray();
    for (int i = 0; i < 11; i++) {
      lines.add(i + "x".repeat(100_000));
    }

    assertViolation(
        new JsonObject().put("lines", lines), "params", "bytes; allowed: at most 1048576");
  }

  @Test
  void shouldRefuseWhatIsTooDeepOrTooMuch() {
    JsonObject deep = new JsonObject();
    for (int i = 0; i < 10_000; i++) {
      deep = new JsonObject().put("a", deep);
    }
    JsonArray many = new JsonArray();
    for (int i = 0; i < 100_000; i++) {
      many.add("x" + i);
    }

    assertViolation(new JsonObject().put("free", deep), path(32), "nested too deep");
    assertViolation(new JsonObject().put("lines", many), "params", "allowed: at most 4096");
  }

  @Test
  void shouldRefuseNumbersThatWouldGrow() {
    assertViolation(
        new JsonObject().put("number", new BigDecimal("1e999999999")),
        "params.number",
        "is not a number that can be written");
    assertViolation(
        new JsonObject().put("number", Double.NaN), "params.number", "is not a number that can be");
    assertViolation(
        new JsonObject().put("free", new JsonObject(Map.of("a", Instant.EPOCH))),
        "params.free.a",
        "is not a JSON value");
  }

  private static String path(int depth) {
    return "params.free" + ".a".repeat(depth);
  }

  private static void assertViolation(JsonObject parameters, String field, String words) {
    ServiceException refused =
        catchThrowableOfType(ServiceException.class, () -> TOOL.check(parameters));
    assertThat(refused).isNotNull();
    List<Violation> violations = refused.violations();
    assertThat(violations.getFirst().field()).isEqualTo(field);
    assertThat(violations.getFirst().message()).contains(words);
  }
}
