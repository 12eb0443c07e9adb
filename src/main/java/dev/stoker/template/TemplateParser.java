package dev.stoker.template;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.schema.Mistakes;
import dev.stoker.template.Template.Argument;
import dev.stoker.template.Template.Condition;
import dev.stoker.template.Template.Conditional;
import dev.stoker.template.Template.Node;
import dev.stoker.template.Template.Part;
import dev.stoker.template.Template.Repeated;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the form of an argv template. Whether its names mean anything is {@link TemplateCheck}'s.
 */
final class TemplateParser {
  /** How deep forms stand in forms. */
  static final int DEPTH_MAX = 8;

  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "params\\.([A-Za-z][A-Za-z0-9_-]*)|inputs\\.([A-Za-z][A-Za-z0-9_-]*)"
              + "|outputs\\.([A-Za-z][A-Za-z0-9_-]*)|item");
  private static final String PLACEHOLDERS =
      "${params.<name>}, ${inputs.<name>}, ${outputs.<name>}, ${item}, and $${ for a literal ${";
  private static final String FORMS =
      "text, {if: …, then: […], else: […]} or {each: params.<name>, then: […]}";

  private final Mistakes mistakes;

  TemplateParser(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  /** The template; what of it is wrong is noted and left out. */
  Template parse(@Nullable JsonNode command, String path) {
    if (command == null || !command.isArray() || command.isEmpty()) {
      mistakes.add(path, "must be a list whose first element is the program");
      return new Template(List.of());
    }
    return new Template(nodes(command, path, 0));
  }

  private List<Node> nodes(JsonNode list, String path, int depth) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      Node node = node(list.get(i), path + "[" + i + "]", depth);
      if (node != null) {
        nodes.add(node);
      }
    }
    return nodes;
  }

  private @Nullable Node node(JsonNode node, String path, int depth) {
    if (node.isTextual()) {
      return new Argument(parts(node.textValue(), path));
    }
    if (!node.isObject()) {
      mistakes.add(
          path,
          node.isValueNode()
              ? "'" + node.asText() + "' is not text; write it in quotes"
              : "is not allowed; allowed: " + FORMS);
      return null;
    }
    if (depth == DEPTH_MAX) {
      mistakes.add(path, "forms stand more than " + DEPTH_MAX + " deep in each other");
      return null;
    }
    if (node.has("if") && keysAre(node, Set.of("if", "then", "else"), path)) {
      return conditional(node, path, depth + 1);
    }
    if (node.has("each") && keysAre(node, Set.of("each", "then"), path)) {
      return repeated(node, path, depth + 1);
    }
    if (!node.has("if") && !node.has("each")) {
      mistakes.add(path, "is not a form; allowed: " + FORMS);
    }
    return null;
  }

  private boolean keysAre(JsonNode node, Set<String> allowed, String path) {
    Set<String> unknown = new TreeSet<>();
    node.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(allowed);
    for (String key : unknown) {
      mistakes.add(
          path + "." + key,
          "is not a key here; allowed: " + String.join(", ", new TreeSet<>(allowed)));
    }
    return unknown.isEmpty();
  }

  private @Nullable Node conditional(JsonNode node, String path, int depth) {
    Condition condition = condition(node.get("if"), path + ".if");
    List<Node> then = branch(node, "then", path, depth);
    List<Node> otherwise = node.has("else") ? branch(node, "else", path, depth) : List.of();
    return condition == null ? null : new Conditional(condition, then, otherwise);
  }

  private @Nullable Node repeated(JsonNode node, String path, int depth) {
    List<Node> then = branch(node, "then", path, depth);
    Part each = placeholder(node.get("each").asText());
    if (each instanceof Part.Parameter(String name)) {
      return new Repeated(name, then);
    }
    mistakes.add(path + ".each", "must name a parameter, as in params.tags");
    return null;
  }

  private List<Node> branch(JsonNode node, String key, String path, int depth) {
    JsonNode list = node.get(key);
    if (list == null || !list.isArray()) {
      mistakes.add(path + "." + key, "must be a list of arguments");
      return List.of();
    }
    return nodes(list, path + "." + key, depth);
  }

  private @Nullable Condition condition(JsonNode node, String path) {
    if (node.isTextual()) {
      Part part = placeholder(node.textValue());
      if (part instanceof Part.Parameter(String name)) {
        return new Condition.Present(name);
      }
      if (part instanceof Part.Input(String name)) {
        return new Condition.Given(name);
      }
    }
    if (node.isObject() && !node.isEmpty()) {
      return equality(node, path);
    }
    mistakes.add(
        path, "is not a condition; allowed: params.<name>, inputs.<name>, {params.<name>: value}");
    return null;
  }

  private @Nullable Condition equality(JsonNode node, String path) {
    Map<String, Object> values = new HashMap<>();
    node.forEachEntry(
        (key, value) -> {
          Object scalar = scalar(value);
          if (placeholder(key) instanceof Part.Parameter(String name) && scalar != null) {
            values.put(name, scalar);
          } else {
            mistakes.add(
                path + "." + key,
                "is not a comparison; allowed: params.<name>: text, a number, true or false");
          }
        });
    return values.isEmpty() ? null : new Condition.Equal(values);
  }

  private static @Nullable Object scalar(JsonNode value) {
    if (value.isTextual()) {
      return value.textValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    return value.isNumber() ? value.numberValue() : null;
  }

  /** The pieces of one argument; no two literals follow each other and none is empty. */
  List<Part> parts(String text, String path) {
    if (text.indexOf('\0') >= 0) {
      mistakes.add(path, "holds a NUL, which no argument can");
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      if (text.startsWith("$${", at)) {
        literal.append("${");
        at += 3;
      } else if (text.startsWith("${", at)) {
        int end = text.indexOf('}', at);
        Part part = end < 0 ? null : placeholder(text.substring(at + 2, end));
        if (part == null) {
          String found = end < 0 ? text.substring(at) : text.substring(at, end + 1);
          mistakes.add(path, "'" + found + "' is not a placeholder; allowed: " + PLACEHOLDERS);
          return List.of();
        }
        flush(literal, parts);
        parts.add(part);
        at = end + 1;
      } else {
        literal.append(text.charAt(at++));
      }
    }
    flush(literal, parts);
    return parts;
  }

  private static void flush(StringBuilder literal, List<Part> parts) {
    if (!literal.isEmpty()) {
      parts.add(new Part.Literal(literal.toString()));
      literal.setLength(0);
    }
  }

  private static @Nullable Part placeholder(String text) {
    Matcher matcher = PLACEHOLDER.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    if (matcher.group(1) != null) {
      return new Part.Parameter(matcher.group(1));
    }
    if (matcher.group(2) != null) {
      return new Part.Input(matcher.group(2));
    }
    return matcher.group(3) != null ? new Part.Output(matcher.group(3)) : new Part.Item();
  }
}
