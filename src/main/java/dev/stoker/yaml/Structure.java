package dev.stoker.yaml;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * On which line each path of a text is. Refuses what YAML has and a plain tree has not: the parser
 * that binds would take an alias for the text of its name. Confined to one reading.
 */
final class Structure {
  private final Map<String, Integer> lines = new HashMap<>();

  /**
   * Walks all of the text once.
   *
   * @throws com.fasterxml.jackson.core.JsonProcessingException at the first thing that is refused
   */
  void scan(ObjectMapper mapper, String text) throws IOException {
    try (JsonParser parser = mapper.createParser(text)) {
      YAMLParser yaml = (YAMLParser) parser;
      while (yaml.nextToken() != null) {
        if (yaml.isCurrentAlias()) {
          throw new JsonParseException(
              yaml,
              "aliases (*name) are not allowed; write the value out",
              yaml.currentTokenLocation());
        }
        lines.putIfAbsent(path(yaml), yaml.currentTokenLocation().getLineNr());
      }
    }
  }

  /** The line of this path; 0 where there is none. */
  int line(String path) {
    return lines.getOrDefault(path, 0);
  }

  /** Where the parser is, such as {@code command[3].if}. */
  static String path(JsonParser parser) {
    JsonStreamContext context = parser.getParsingContext();
    if (parser.currentToken().isStructStart() && context.getParent() != null) {
      context = context.getParent();
    }
    StringBuilder path = new StringBuilder();
    for (; context != null && !context.inRoot(); context = context.getParent()) {
      String step =
          context.inArray() ? "[" + context.getCurrentIndex() + "]" : context.getCurrentName();
      boolean dot = !path.isEmpty() && path.charAt(0) != '[';
      path.insert(0, dot ? step + "." : String.valueOf(step));
    }
    return path.toString();
  }
}
