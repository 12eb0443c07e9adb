package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.schema.ParameterSchema;
import dev.stoker.template.CommandTemplate;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that a catalog file says, ready for use on any node. Immutable.
 *
 * @param unhonoured what no node of this version can give, with what is allowed instead
 */
record ParsedTool(
    ToolDefinition definition,
    Digest digest,
    ParameterSchema schema,
    CommandTemplate command,
    List<String> unhonoured) {

  /** What is run: a function's module, a worker's program, else the command's first element. */
  String program() {
    if (definition.worker() != null) {
      return definition.worker().command().getFirst();
    }
    return definition.module() != null
        ? definition.module()
        : definition.command().getFirst().toString();
  }

  /**
   * Absolute paths among the fixed arguments, of a worker's command too: scripts, most likely. What
   * stands before a colon may be one as well, as in {@code /a/b.py:function}.
   */
  List<Path> namedFiles() {
    Stream<String> worker =
        definition.worker() == null
            ? Stream.of()
            : definition.worker().command().stream()
                .skip(1)
                .flatMap(word -> Stream.of(word, word.replaceFirst(":[^:/]*$", "")));
    return Stream.concat(command.literals().stream().skip(1), worker)
        .filter(text -> text.startsWith("/"))
        .distinct()
        .map(Path::of)
        .toList();
  }
}
