package dev.stoker.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** values.yaml, values.schema.json and docs/kubernetes.md say the same. */
class ChartValuesTest {
  private static final Path HOME = Path.of(System.getProperty("stoker.home", "."));
  private static final Pattern ROW =
      Pattern.compile("^\\| `([\\w.]+)` \\| `(.*?)` \\| (.+) \\|$", Pattern.MULTILINE);

  private final JsonNode values = read("charts/stoker/values.yaml");
  private final JsonNode schema = read("charts/stoker/values.schema.json");

  private record Row(JsonNode value, String what) {}

  @Test
  void shouldDocumentEveryValueWithItsDefaultAndNoOther() throws IOException {
    Map<String, Row> expected = new TreeMap<>();
    rows("", values, schema, expected);

    Map<String, Row> documented = new TreeMap<>();
    Matcher rows = ROW.matcher(Files.readString(HOME.resolve("docs/kubernetes.md")));
    while (rows.find()) {
      documented.put(
          rows.group(1),
          new Row(
              Rendered.yaml(rows.group(2).replace("\\|", "|")), rows.group(3).replace("\\|", "|")));
    }

    assertThat(documented).isEqualTo(expected).hasSizeGreaterThan(100);
  }

  @Test
  void shouldHaveASchemaThatIsStrictAndSaysWhatEachValueIs() {
    strict("", schema);
  }

  private static void rows(String path, JsonNode value, JsonNode of, Map<String, Row> into) {
    value
        .properties()
        .forEach(
            entry -> {
              String name = path + entry.getKey();
              JsonNode described = of.path("properties").path(entry.getKey());
              assertThat(described.isMissingNode()).as("%s is not in the schema", name).isFalse();
              if (described.has("properties") && !entry.getValue().isEmpty()) {
                rows(name + ".", entry.getValue(), described, into);
              } else {
                into.put(name, new Row(entry.getValue(), described.path("description").asText()));
              }
            });
  }

  /** And no value is only in the schema. */
  private void strict(String path, JsonNode of) {
    assertThat(of.path("additionalProperties").asBoolean(true)).as("%s is open", path).isFalse();
    of.path("properties")
        .properties()
        .forEach(
            entry -> {
              String name = path + "/" + entry.getKey();
              JsonNode inner = entry.getValue();
              assertThat(inner.path("description").asText()).as(name).isNotBlank();
              if (!name.equals("/global")) {
                assertThat(values.at(name).isMissingNode()).as("%s has no default", name).isFalse();
              }
              if (inner.has("properties")) {
                strict(name, inner);
              }
            });
  }

  private static JsonNode read(String file) {
    try {
      return Rendered.yaml(Files.readString(HOME.resolve(file)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
