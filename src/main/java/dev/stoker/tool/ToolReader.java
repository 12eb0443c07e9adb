package dev.stoker.tool;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.StdinMode;
import dev.stoker.yaml.YamlException;
import dev.stoker.yaml.YamlReader;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one catalog file. Thread-safe. */
final class ToolReader {
  static final String SUFFIX = ".yaml";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final int DESCRIPTION_CHARS_MAX = 2000;

  private final CatalogSettings settings;
  private final YamlReader yaml = new YamlReader();

  ToolReader(CatalogSettings settings) {
    this.settings = settings;
  }

  /**
   * Reads the text of {@code fileName}.
   *
   * @throws CatalogException with each mistake
   */
  ParsedTool read(String fileName, String text) {
    ToolFile file;
    try {
      file = yaml.readText(fileName, text, ToolFile.class);
    } catch (YamlException e) {
      throw new CatalogException(
          e.mistakes().stream()
              .map(m -> new CatalogProblem(fileName, m.path(), withLine(m.message(), m.line())))
              .toList());
    }
    Mistakes mistakes = new Mistakes(fileName);
    ParsedTool tool = tool(file, fileName, mistakes);
    if (tool == null) {
      throw new CatalogException(mistakes.list());
    }
    return tool;
  }

  private static String withLine(String message, int line) {
    return line > 0 ? message + " (line " + line + ")" : message;
  }

  private @Nullable ParsedTool tool(ToolFile file, String fileName, Mistakes mistakes) {
    String name = name(file, fileName, mistakes);
    SectionReader sections = new SectionReader(settings, mistakes);
    int before = mistakes.count();
    ParameterSchema schema =
        new ParameterSchema(new SchemaReader(mistakes).read(file.parameters()));
    boolean namesKnown = mistakes.count() == before;
    Map<String, ParameterFacts> facts = ParameterFacts.of(schema.json());
    FileDeclarations files = new FileDeclarations(settings, mistakes);
    Map<String, ToolDefinition.Input> inputs = files.inputs(file, facts.keySet());
    Map<String, ToolDefinition.Output> outputs = files.outputs(file, inputs.keySet());

    before = mistakes.count();
    TemplateParser parser = new TemplateParser(mistakes);
    Template template = parser.parse(file.command(), "command");
    EnvironmentReader environment = new EnvironmentReader(parser, mistakes);
    var variables = environment.read(file.environment());
    Set<String> exposed = Set.of();
    // What could not be read is neither declared nor in its place in the template.
    if (namesKnown && mistakes.count() == before) {
      TemplateCheck check = new TemplateCheck(facts, inputs, outputs.keySet(), mistakes);
      exposed = check.check(template, "command");
      variables.forEach((key, parts) -> check.checkText(parts, "environment." + key));
    }
    CommandRules.check(template, mistakes);
    List<String> requires = CommandRules.requires(file.requires(), mistakes);

    ToolDefinition definition =
        new ToolDefinition(
            name,
            description(file, mistakes),
            command(file.command()),
            schema.json(),
            inputs,
            outputs,
            file.stdin() == null ? StdinMode.NONE : file.stdin(),
            environment.definition(file.environment()),
            sections.timeout(file.timeout()),
            sections.grace(file.grace()),
            sections.concurrency(file.concurrency()),
            sections.limits(file.limits()),
            file.isolation() == null ? Isolation.CONFINED : file.isolation(),
            sections.cache(file.cache()),
            sections.retry(file.retry()),
            file.onDisconnect() == null ? ToolDefinition.Disconnect.CANCEL : file.onDisconnect());
    sections.reserved(file);
    if (!mistakes.isEmpty()) {
      return null;
    }
    ParsedTool tool =
        new ParsedTool(
            definition,
            DefinitionDigest.of(definition),
            schema,
            template,
            requires,
            variables,
            exposed,
            Unhonoured.reason(file));
    new DefaultCheck(tool, mistakes).check();
    return mistakes.isEmpty() ? tool : null;
  }

  private static String name(ToolFile file, String fileName, Mistakes mistakes) {
    String name = Objects.requireNonNullElse(file.name(), "");
    if (!NAME.matcher(name).matches()) {
      mistakes.add(
          "name",
          (file.name() == null ? "must be given" : Values.quoted(name) + " is not a tool's name")
              + "; allowed: a lower-case letter, then lower-case letters, digits and -, at most 63");
    } else if (!fileName.equals(name + SUFFIX)) {
      mistakes.add("name", "'" + name + "' must be in the file " + name + SUFFIX);
    }
    return name;
  }

  private static String description(ToolFile file, Mistakes mistakes) {
    String description = Objects.requireNonNullElse(file.description(), "").strip();
    if (description.length() > DESCRIPTION_CHARS_MAX) {
      mistakes.add("description", "is longer than " + DESCRIPTION_CHARS_MAX + " characters");
    }
    return description;
  }

  private static List<Object> command(@Nullable JsonNode command) {
    List<Object> elements = new ArrayList<>();
    if (command != null && command.isArray()) {
      for (JsonNode element : command) {
        elements.add(
            element.isObject() ? new JsonObject(element.toString()).getMap() : element.asText());
      }
    }
    return elements;
  }
}
