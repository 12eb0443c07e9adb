package dev.stoker.template;

import dev.stoker.run.Violation;
import dev.stoker.schema.Values;
import dev.stoker.template.Template.Argument;
import dev.stoker.template.Template.Condition;
import dev.stoker.template.Template.Conditional;
import dev.stoker.template.Template.Node;
import dev.stoker.template.Template.Part;
import dev.stoker.template.Template.Repeated;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts one request's values into a template. Confined to one binding. */
final class TemplateBinder {
  /** The longest argument, or variable with its name: Linux's MAX_ARG_STRLEN without the NUL. */
  static final int ARGUMENT_BYTES_MAX = 128 * 1024 - 1;

  /** The most that all arguments and variables have together. */
  static final int TOTAL_BYTES_MAX = 1024 * 1024;

  private final JsonObject parameters;
  private final Set<String> inputs;
  private final Map<String, String> outputs;
  private final List<String> argv = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private @Nullable Object item;
  private long totalBytes;

  /**
   * @param outputs name to relative path
   */
  TemplateBinder(JsonObject parameters, Set<String> inputs, Map<String, String> outputs) {
    this.parameters = parameters;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Appends the arguments of a template. */
  TemplateBinder arguments(Template template) {
    nodes(template.nodes());
    return this;
  }

  /** Sets variables. */
  TemplateBinder environment(Map<String, List<Part>> variables) {
    variables.forEach(
        (name, parts) -> {
          String value = text(parts);
          count(utf8Bytes(value) + name.length() + 1, parts);
          environment.put(name, value);
        });
    return this;
  }

  List<String> argv() {
    return argv;
  }

  Map<String, String> environment() {
    return environment;
  }

  /** What no process could be started with; empty when one can. */
  List<Violation> violations() {
    if (violations.isEmpty() && totalBytes > TOTAL_BYTES_MAX) {
      return List.of(
          new Violation(
              "params",
              "make arguments and variables of "
                  + totalBytes
                  + " bytes; allowed: at most "
                  + TOTAL_BYTES_MAX));
    }
    return violations;
  }

  private void nodes(List<Node> nodes) {
    for (Node node : nodes) {
      switch (node) {
        case Argument(List<Part> parts) -> {
          String text = text(parts);
          count(utf8Bytes(text), parts);
          argv.add(text);
        }
        case Conditional(Condition condition, List<Node> then, List<Node> otherwise) ->
            nodes(holds(condition) ? then : otherwise);
        case Repeated(String name, List<Node> then) -> {
          if (parameters.getValue(name) instanceof JsonArray values) {
            for (Object value : values) {
              item = value;
              nodes(then);
            }
          }
        }
      }
    }
  }

  private boolean holds(Condition condition) {
    return switch (condition) {
      case Condition.Present(String name) -> Values.isPresent(parameters.getValue(name));
      case Condition.Given(String name) -> inputs.contains(name);
      case Condition.Equal(Map<String, Object> values) ->
          values.entrySet().stream()
              .allMatch(e -> equal(e.getValue(), parameters.getValue(e.getKey())));
    };
  }

  private static boolean equal(Object wanted, @Nullable Object given) {
    return switch (wanted) {
      case Number number ->
          given instanceof Number other
              && Values.decimal(number).compareTo(Values.decimal(other)) == 0;
      default -> wanted.equals(given);
    };
  }

  private String text(List<Part> parts) {
    if (parts.size() == 1) {
      return text(parts.getFirst());
    }
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(text(part));
    }
    return text.toString();
  }

  private String text(Part part) {
    return switch (part) {
      case Part.Literal(String text) -> text;
      case Part.Parameter(String name) -> Values.text(parameters.getValue(name));
      case Part.Item i -> Values.text(item);
      case Part.Input(String name) -> name;
      case Part.Output(String name) -> outputs.getOrDefault(name, name);
    };
  }

  private void count(long bytes, List<Part> parts) {
    totalBytes += bytes + 1;
    if (bytes > ARGUMENT_BYTES_MAX) {
      String field =
          parts.stream()
              .filter(Part.Parameter.class::isInstance)
              .map(part -> "params." + ((Part.Parameter) part).name())
              .findFirst()
              .orElse("params");
      violations.add(
          new Violation(
              field,
              "makes an argument of " + bytes + " bytes; allowed: at most " + ARGUMENT_BYTES_MAX));
    }
  }

  private static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A pair of surrogates is four bytes: two for each half.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
