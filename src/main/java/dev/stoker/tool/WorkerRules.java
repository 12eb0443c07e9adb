package dev.stoker.tool;

import dev.stoker.schema.Mistakes;
import dev.stoker.schema.Values;
import dev.stoker.tool.ToolDefinition.StdinMode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a tool with persistent workers may say, beside numbers. Confined to one reading. */
final class WorkerRules {
  private static final int WORDS_MAX = 256;

  /** Keywords whose values are data, in which nothing is a keyword. */
  private static final Set<String> DATA = Set.of("const", "default", "enum", "examples");

  /** Keywords whose values are schemas by names that the author chose. */
  private static final Set<String> NAMED =
      Set.of("properties", "patternProperties", "$defs", "dependentSchemas");

  private final Mistakes mistakes;

  WorkerRules(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  /** The words as they are written; fit for use when {@link #check} found no mistake. */
  static List<String> command(ToolFile.Worker worker) {
    return worker.command() == null
        ? List.of()
        : worker.command().stream().map(word -> Objects.requireNonNullElse(word, "")).toList();
  }

  /** Notes what does not go with workers. */
  void check(ToolFile file, JsonObject parameters) {
    ToolFile.Worker worker = Objects.requireNonNull(file.worker());
    words(command(worker));
    if (file.stdin() != null && file.stdin() != StdinMode.NONE) {
      mistakes.add("stdin", "does not go with worker, whose requests come that way; allowed: none");
    }
    schema(parameters, "parameters");
  }

  private void words(List<String> words) {
    if (words.isEmpty() || words.getFirst().isEmpty()) {
      mistakes.add(
          "worker.command", "must be given; allowed: a list whose first element is the program");
    }
    if (words.size() > WORDS_MAX) {
      mistakes.add(
          "worker.command", "has " + words.size() + " elements; allowed: at most " + WORDS_MAX);
    }
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.contains("${") || word.chars().anyMatch(Character::isISOControl)) {
        mistakes.add(
            "worker.command[" + i + "]",
            Values.quoted(word)
                + " is not allowed; allowed: fixed text without ${ and control characters");
      }
    }
  }

  /** A request is one line: what may have several is refused for every caller, here. */
  private void schema(@Nullable Object schema, String path) {
    switch (schema) {
      case JsonObject object -> {
        if (Boolean.TRUE.equals(object.getValue("multiline"))) {
          mistakes.add(
              path + ".multiline",
              "does not go with worker, whose values are one line; allowed: false");
        }
        for (String key : new ArrayList<>(object.fieldNames())) {
          Object value = object.getValue(key);
          if (NAMED.contains(key) && value instanceof JsonObject named) {
            named.fieldNames().forEach(n -> schema(named.getValue(n), path + "." + key + "." + n));
          } else if (!DATA.contains(key)) {
            schema(value, path + "." + key);
          }
        }
      }
      case JsonArray array -> {
        for (int i = 0; i < array.size(); i++) {
          schema(array.getValue(i), path + "[" + i + "]");
        }
      }
      case null, default -> {}
    }
  }
}
