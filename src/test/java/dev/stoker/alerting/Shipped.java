package dev.stoker.alerting;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files that are shipped, and how they are read and written. Stateless. */
final class Shipped {
  static final Path CONF = Path.of("conf").toAbsolutePath();
  static final Path RULES = CONF.resolve("alerts.yaml");
  static final Path ALERTMANAGER = CONF.resolve("alertmanager.yaml");
  static final Path RUNBOOKS = Path.of("docs", "runbooks").toAbsolutePath();
  static final Path CASES = Path.of("src", "test", "resources", "prometheus").toAbsolutePath();
  static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private Shipped() {}

  static JsonNode yaml(Path file) {
    try {
      return YAML.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path file, JsonNode content) {
    try {
      return Files.writeString(file, YAML.writeValueAsString(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files of promtool's cases, by name. */
  static List<Path> cases() {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the runbooks tell to ask Prometheus: {@code q '...'}. */
  static List<String> runbookQueries() {
    try (Stream<Path> pages = Files.list(RUNBOOKS)) {
      return pages
          .flatMap(page -> read(page).lines())
          .filter(line -> line.startsWith("q '"))
          .map(line -> line.substring(3, line.lastIndexOf('\'')))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file of a group of rules that record the expressions, so that promtool reads them. */
  static Path recording(Path file, List<String> expressions) {
    ObjectNode rules = YAML.createObjectNode();
    ArrayNode list = rules.putArray("groups").addObject().put("name", "asked").putArray("rules");
    for (int i = 0; i < expressions.size(); i++) {
      list.addObject().put("record", "asked:" + i).put("expr", expressions.get(i));
    }
    return write(file, rules);
  }
}
