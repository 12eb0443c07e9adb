package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.schema.ParameterSchema;
import dev.stoker.template.CommandTemplate;
import java.nio.file.Path;
import java.util.List;

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

  /** What is run: a function's module, else the command's first element. */
  String program() {
    return definition.module() != null
        ? definition.module()
        : definition.command().getFirst().toString();
  }

  /** Absolute paths among the template's fixed arguments: scripts, most likely. */
  List<Path> namedFiles() {
    return command.literals().stream()
        .skip(1)
        .filter(text -> text.startsWith("/"))
        .distinct()
        .map(Path::of)
        .toList();
  }
}
