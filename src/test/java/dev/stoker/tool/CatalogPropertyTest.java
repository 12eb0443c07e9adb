package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every value and for every file. */
class CatalogPropertyTest {
  private static final Tool TOOL =
      Catalog.of(
              TestSettings.in(Path.of("none")),
              Map.of(
                  "tool.yaml",
                  """
                  name: tool
                  command:
                    - tool
                    - ${params.own}
                    - before${params.inside}after
                    - each: params.tags
                      then: [--tag, "${item}"]
                    - "${params.free}$${params.own}"
                  environment: {WORDS: "${params.own}"}
                  parameters:
                    properties:
                      own: {type: string}
                      inside: {type: string, multiline: true}
                      free: {type: string, default: ""}
                      tags: {type: array, items: {type: string}}
                    required: [own, inside]
                  """))
          .find("tool")
          .orElseThrow();

  @Property
  void shouldKeepEachValueInItsOwnArgument(
      @ForAll("texts") String own,
      @ForAll("texts") String inside,
      @ForAll("lists") List<String> tags) {
    JsonObject parameters =
        new JsonObject().put("own", own).put("inside", inside).put("tags", new JsonArray(tags));
    Invocation invocation;
    try {
      invocation = TOOL.bind(TOOL.check(parameters), Set.of());
    } catch (ServiceException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETERS);
      assertThat(e.violations()).isNotEmpty().allMatch(v -> v.field().startsWith("params"));
      assertThat(
              isRefusable(own) || isRefusable(inside) || tags.stream().anyMatch(this::isRefusable))
          .as("something in it is refused: %s", parameters)
          .isTrue();
      return;
    }

    assertThat(invocation.argv()).hasSize(4 + 2 * tags.size());
    assertThat(invocation.argv().get(1)).isEqualTo(own).doesNotStartWith("-");
    assertThat(invocation.argv().get(2)).isEqualTo("before" + inside + "after");
    for (int i = 0; i < tags.size(); i++) {
      assertThat(invocation.argv().get(3 + 2 * i)).isEqualTo("--tag");
      assertThat(invocation.argv().get(4 + 2 * i)).isEqualTo(tags.get(i)).doesNotStartWith("-");
    }
    assertThat(invocation.argv().getLast()).isEqualTo("${params.own}");
    assertThat(invocation.environment()).containsEntry("WORDS", own);
    assertThat(invocation.argv())
        .allSatisfy(
            argument -> {
              assertThat(
                      argument.chars().filter(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t'))
                  .isEmpty();
              byte[] bytes = argument.getBytes(StandardCharsets.UTF_8);
              assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(argument);
            });
  }

  @Property
  void shouldNeverFailOtherwiseThanWithACatalogException(@ForAll("yamls") String yaml) {
    try {
      Catalog.of(TestSettings.in(Path.of("none")), Map.of("tool.yaml", yaml));
    } catch (CatalogException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  private boolean isRefusable(String text) {
    return text.startsWith("-")
        || text.chars().anyMatch(Character::isISOControl)
        || !StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().all().ofMaxLength(40),
        Arbitraries.strings().withChars("-$`'\"\\ \n\t{}();|&<>*?~#!%\0é").ofMaxLength(12),
        Arbitraries.of(
            "${params.own}", "$(id)", "`id`", "; rm -rf /", "-", "--", "a\0b", "\ud83d"));
  }

  @Provide
  Arbitrary<List<String>> lists() {
    return texts().list().ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> yamls() {
    return Arbitraries.of(
            "name: tool",
            "command:",
            "[a]",
            "[a, {if: ",
            "params.x",
            "}",
            "]",
            "{",
            "\n",
            "  ",
            "- ",
            "parameters:",
            "properties: ",
            "{x: {type: string}}",
            "{$ref: '#/'}",
            "$ref",
            "\"",
            "'",
            "&a",
            "*a",
            "!!str ",
            "|",
            ": ",
            "\0",
            "\t",
            "inputs: {a: ",
            "null",
            "outputs",
            "limits",
            "1",
            "---",
            "...",
            "%",
            "required: [x]",
            "allOf: [",
            "default: ",
            "enum: []",
            "type: ")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }
}
