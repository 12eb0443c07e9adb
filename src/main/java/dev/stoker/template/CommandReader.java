package dev.stoker.template;

import dev.stoker.schema.Mistakes;
import dev.stoker.template.Template.Part;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the keys that say how a tool is started. Confined to one reading. */
final class CommandReader {
  private final Declared declared;
  private final Mistakes mistakes;

  CommandReader(Declared declared, Mistakes mistakes) {
    this.declared = declared;
    this.mistakes = mistakes;
  }

  CommandTemplate read(WrittenCommand written) {
    int before = mistakes.count();
    TemplateParser parser = new TemplateParser(mistakes);
    Template template = parser.parse(written.command(), "command");
    Map<String, List<Part>> environment =
        new EnvironmentReader(parser, mistakes).read(written.environment());
    Set<String> exposed = Set.of();
    // What could not be read is neither declared nor in its place in the template.
    if (declared.parameters() != null && mistakes.count() == before) {
      TemplateCheck check =
          new TemplateCheck(
              declared.parameters(), declared.inputs(), declared.outputs().keySet(), mistakes);
      exposed = check.check(template, "command");
      environment.forEach((name, parts) -> check.checkText(parts, "environment." + name));
    }
    CommandRules.check(template, mistakes);
    List<String> requires = CommandRules.requires(written.requires(), mistakes);
    return new CommandTemplate(
        template,
        requires,
        EnvironmentReader.definition(written.environment()),
        environment,
        new ArgumentRules(exposed),
        declared);
  }
}
