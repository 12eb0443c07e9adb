package dev.stoker.tool;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.schema.Mistakes;
import dev.stoker.schema.ParameterFacts;
import dev.stoker.schema.ParameterFacts.Presence;
import dev.stoker.schema.ParameterSchema;
import dev.stoker.schema.Values;
import dev.stoker.template.CommandTemplate;
import dev.stoker.template.Declared;
import dev.stoker.template.WrittenCommand;
import dev.stoker.tool.ToolDefinition.Disconnect;
import dev.stoker.tool.ToolDefinition.Input;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Network;
import dev.stoker.tool.ToolDefinition.Output;
import dev.stoker.tool.ToolDefinition.StdinMode;
import dev.stoker.yaml.YamlException;
import dev.stoker.yaml.YamlReader;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    FileMistakes mistakes = new FileMistakes(fileName);
    ParsedTool tool = tool(file, fileName, mistakes);
    if (tool == null) {
      throw new CatalogException(mistakes.list());
    }
    return tool;
  }

  private static String withLine(String message, int line) {
    return line > 0 ? message + " (line " + line + ")" : message;
  }

  private @Nullable ParsedTool tool(ToolFile file, String fileName, FileMistakes mistakes) {
    String name = name(file, fileName, mistakes);
    int before = mistakes.count();
    ParameterSchema schema = ParameterSchema.read(file.parameters(), mistakes);
    boolean schemaRead = mistakes.count() == before;
    Map<String, ParameterFacts> parameters = schema.facts();
    FileDeclarations files = new FileDeclarations(settings, mistakes);
    Map<String, Input> inputs = files.inputs(file, parameters.keySet());
    Map<String, Output> outputs = files.outputs(file, inputs.keySet());
    CommandTemplate command =
        CommandTemplate.read(
            new WrittenCommand(file.command(), file.requires(), file.environment()),
            declared(schemaRead ? parameters : null, inputs, outputs),
            mistakes);
    ToolDefinition definition =
        definition(file, name, schema.json(), inputs, outputs, command.environment(), mistakes);
    if (!mistakes.isEmpty()) {
      return null;
    }
    ParsedTool tool =
        new ParsedTool(
            definition,
            DefinitionDigest.of(definition),
            schema,
            command,
            unhonoured(file, mistakes));
    new DefaultCheck(tool, mistakes).check();
    return mistakes.isEmpty() ? tool : null;
  }

  /** Its form is checked all the same. */
  private static List<String> unhonoured(ToolFile file, Mistakes mistakes) {
    return SectionReader.scopes(file.scopes(), mistakes).isEmpty()
        ? List.of()
        : List.of("scopes cannot be given by this node; allowed here: leave it out");
  }

  private static Declared declared(
      @Nullable Map<String, ParameterFacts> parameters,
      Map<String, Input> inputs,
      Map<String, Output> outputs) {
    Map<String, Presence> presences = new LinkedHashMap<>();
    inputs.forEach((name, input) -> presences.put(name, Presence.of(input.required())));
    Map<String, String> paths = new LinkedHashMap<>();
    outputs.forEach((name, output) -> paths.put(name, output.path()));
    return new Declared(parameters, presences, paths);
  }

  private ToolDefinition definition(
      ToolFile file,
      String name,
      JsonObject parameters,
      Map<String, Input> inputs,
      Map<String, Output> outputs,
      Map<String, String> environment,
      Mistakes mistakes) {
    SectionReader sections = new SectionReader(settings, mistakes);
    ProcessReader process = new ProcessReader(settings, mistakes);
    Isolation isolation = Objects.requireNonNullElse(file.isolation(), Isolation.CONFINED);
    return new ToolDefinition(
        name,
        description(file, mistakes),
        command(file.command()),
        parameters,
        inputs,
        outputs,
        Objects.requireNonNullElse(file.stdin(), StdinMode.NONE),
        environment,
        sections.timeout(file.timeout()),
        sections.grace(file.grace()),
        sections.concurrency(file.concurrency()),
        sections.limits(file.limits()),
        isolation,
        Objects.requireNonNullElse(
            file.network(), isolation == Isolation.NONE ? Network.HOST : Network.NONE),
        process.readable(file.readable()),
        process.resources(file.limits()),
        process.pool(file),
        process.worker(file, parameters),
        process.module(file, isolation),
        file.check(),
        sections.cache(file.cache()),
        sections.retry(file.retry()),
        Objects.requireNonNullElse(file.onDisconnect(), Disconnect.CANCEL),
        process.trace(file, environment));
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
