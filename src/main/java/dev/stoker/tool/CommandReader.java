package dev.stoker.tool;

import dev.stoker.tool.Template.Part;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the keys that say how a tool is started. Confined to one reading. */
final class CommandReader {
  private final @Nullable Map<String, ParameterFacts> parameters;
  private final Map<String, ToolDefinition.Input> inputs;
  private final Set<String> outputs;
  private final Mistakes mistakes;

  /**
   * @param parameters null when the schema could not be read, so that nothing is known of them
   */
  CommandReader(
      @Nullable Map<String, ParameterFacts> parameters,
      Map<String, ToolDefinition.Input> inputs,
      Set<String> outputs,
      Mistakes mistakes) {
    this.parameters = parameters;
    this.inputs = inputs;
    this.outputs = outputs;
    this.mistakes = mistakes;
  }

  CommandPlan read(ToolFile file) {
    int before = mistakes.count();
    TemplateParser parser = new TemplateParser(mistakes);
    Template template = parser.parse(file.command(), "command");
    Map<String, List<Part>> environment =
        new EnvironmentReader(parser, mistakes).read(file.environment());
    Set<String> exposed = Set.of();
    // What could not be read is neither declared nor in its place in the template.
    if (parameters != null && mistakes.count() == before) {
      TemplateCheck check = new TemplateCheck(parameters, inputs, outputs, mistakes);
      exposed = check.check(template, "command");
      environment.forEach((name, parts) -> check.checkText(parts, "environment." + name));
    }
    CommandRules.check(template, mistakes);
    List<String> requires = CommandRules.requires(file.requires(), mistakes);
    return new CommandPlan(template, requires, environment, exposed);
  }
}
