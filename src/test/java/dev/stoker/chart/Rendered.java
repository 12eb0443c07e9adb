package dev.stoker.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Manifests. Immutable, as long as nobody changes what it gives out. */
public record Rendered(List<JsonNode> manifests) {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  public Rendered {
    manifests = List.copyOf(manifests);
  }

  static Rendered of(String text) {
    List<JsonNode> manifests = new ArrayList<>();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.isObject()) {
          manifests.add(document);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
    return new Rendered(manifests);
  }

  public static JsonNode yaml(String text) {
    try {
      return YAML.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  public List<JsonNode> all(String kind) {
    return manifests.stream().filter(one -> one.path("kind").asText().equals(kind)).toList();
  }

  /** The only one of its kind. */
  public JsonNode one(String kind) {
    List<JsonNode> all = all(kind);
    if (all.size() != 1) {
      throw new IllegalStateException(all.size() + " of kind " + kind);
    }
    return all.getFirst();
  }

  public JsonNode named(String kind, String name) {
    return find(kind, name).orElseThrow(() -> new IllegalStateException(kind + " " + name));
  }

  public Optional<JsonNode> find(String kind, String name) {
    return all(kind).stream()
        .filter(one -> one.at("/metadata/name").asText().equals(name))
        .findFirst();
  }

  /** The pods' specification. */
  public JsonNode pod() {
    return one("StatefulSet").at("/spec/template/spec");
  }

  public JsonNode container() {
    return pod().path("containers").path(0);
  }

  /** One of the container's variables; missing where there is none. */
  public JsonNode variable(String name) {
    for (JsonNode variable : container().path("env")) {
      if (variable.path("name").asText().equals(name)) {
        return variable;
      }
    }
    return MissingNode.getInstance();
  }

  /** The configuration that the nodes read. */
  public String configuration() {
    String name = one("StatefulSet").at("/metadata/name").asText();
    return named("ConfigMap", name).at("/data/stoker.yaml").asText();
  }

  JsonNode configurationTree() {
    return yaml(configuration());
  }
}
