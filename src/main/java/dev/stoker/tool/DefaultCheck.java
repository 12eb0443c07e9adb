package dev.stoker.tool;

import dev.stoker.run.ServiceException;
import dev.stoker.schema.Mistakes;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Whether the defaults are values that a caller might have given. Confined to one reading. */
final class DefaultCheck {
  private static final String PREFIX = "params.";

  private final ParsedTool tool;
  private final Mistakes mistakes;

  DefaultCheck(ParsedTool tool, Mistakes mistakes) {
    this.tool = tool;
    this.mistakes = mistakes;
  }

  /** Checks the request that says nothing, but for what it would have to say. */
  void check() {
    JsonObject defaults = tool.schema().withDefaults(new JsonObject());
    try {
      new CatalogTool(tool, ProgramFinder.Programs.none("not looked for")).check(defaults);
    } catch (ServiceException e) {
      List<String> names = List.copyOf(defaults.fieldNames());
      e.violations().stream()
          .filter(v -> names.stream().anyMatch(name -> isIn(v.field(), PREFIX + name)))
          .forEach(
              v ->
                  mistakes.add(
                      "parameters.properties." + v.field().substring(PREFIX.length()) + ".default",
                      v.message()));
    }
  }

  private static boolean isIn(String field, String parameter) {
    return field.equals(parameter)
        || field.startsWith(parameter + ".")
        || field.startsWith(parameter + "[");
  }
}
