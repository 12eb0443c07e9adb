package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CatalogTest {
  private static final String CONVERT =
      """
      name: convert
      description: Everything a template can say
      command:
        - sh
        - -t
        - ${params.seconds}
        - --size=${params.width}x${params.height}
        - if: params.verbose
          then: [-v]
          else: [-q]
        - if: {params.format: png}
          then: ["png:${outputs.image}"]
          else: ["jpg:${outputs.image}"]
        - if: inputs.mask
          then: [--mask, "${inputs.mask}"]
        - each: params.tags
          then: [--tag, "${item}"]
        - "$${HOME} costs $5"
        - --
        - ${params.name}
      parameters:
        properties:
          seconds: {type: number, default: 10}
          width: {type: integer, default: 640}
          height: {type: integer, default: 480}
          verbose: {type: boolean}
          format: {enum: [png, jpeg], default: png}
          tags: {type: array, items: {type: string}}
          name: {type: string}
        required: [name]
      inputs:
        mask: {required: false}
      outputs:
        image: {path: out/image, mediaType: image/png}
      environment: {SECONDS_WANTED: "${params.seconds}"}
      isolation: none
      """;

  @Test
  void shouldPutEachValueIntoItsPlace() {
    Tool tool = tool("convert", CONVERT);
    JsonObject given =
        new JsonObject()
            .put("name", "-rf")
            .put("seconds", 1.5e-7)
            .put("verbose", true)
            .put("format", "jpeg")
            .put("tags", new JsonArray().add("a b").add("$(id)"));

    Invocation invocation = tool.bind(tool.check(given), Set.of("mask"));

    assertThat(invocation.argv())
        .containsExactly(
            "sh",
            "-t",
            "0.00000015",
            "--size=640x480",
            "-v",
            "jpg:out/image",
            "--mask",
            "mask",
            "--tag",
            "a b",
            "--tag",
            "$(id)",
            "${HOME} costs $5",
            "--",
            "-rf");
    assertThat(invocation.environment())
        .isEqualTo(
            Map.of(
                "PATH", "/usr/local/bin:/usr/bin:/bin",
                "LANG", "C.UTF-8",
                "SECONDS_WANTED", "0.00000015"));
    assertThat(invocation.inputs()).isEqualTo(Map.of("mask", "mask"));
    assertThat(invocation.outputs()).isEqualTo(Map.of("image", "out/image"));
  }

  @Test
  void shouldLeaveOutWhatIsNotGiven() {
    Tool tool = tool("convert", CONVERT);

    Invocation invocation = tool.bind(tool.check(new JsonObject().put("name", "x")), Set.of());

    assertThat(invocation.argv())
        .containsExactly(
            "sh",
            "-t",
            "10",
            "--size=640x480",
            "-q",
            "png:out/image",
            "${HOME} costs $5",
            "--",
            "x");
  }

  private static Tool tool(String name, String yaml) {
    return Catalog.of(TestSettings.in(Path.of("none")), Map.of(name + ".yaml", yaml))
        .find(name)
        .orElseThrow();
  }
}
