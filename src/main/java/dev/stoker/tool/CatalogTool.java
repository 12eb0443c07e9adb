package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import dev.stoker.schema.ParameterSchema;
import dev.stoker.template.CommandTemplate;
import dev.stoker.tool.ProgramFinder.Programs;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A tool as the catalog has read it, and what its program is on this node. */
final class CatalogTool implements Tool {
  private final ParsedTool parsed;
  private final Programs programs;
  private final @Nullable ProgramFiles files;
  private final Map<String, String> outputPaths;

  CatalogTool(ParsedTool parsed, Programs programs) {
    this.parsed = parsed;
    this.programs = programs;
    this.files =
        programs.availability() instanceof Availability.Available(Path executable)
            ? new ProgramFiles(executable, programs.required(), parsed.namedFiles())
            : null;
    Map<String, String> paths = new LinkedHashMap<>();
    parsed.definition().outputs().forEach((name, output) -> paths.put(name, output.path()));
    this.outputPaths = Map.copyOf(paths);
  }

  /** This one when nothing has changed, so that what it knows of its files is kept. */
  CatalogTool with(Programs now) {
    return now.equals(programs) ? this : new CatalogTool(parsed, now);
  }

  ParsedTool parsed() {
    return parsed;
  }

  @Override
  public ToolDefinition definition() {
    return parsed.definition();
  }

  @Override
  public Digest digest() {
    return parsed.digest();
  }

  @Override
  public Availability availability() {
    return programs.availability();
  }

  @Override
  public Digest executableDigest() {
    if (files == null) {
      String reason =
          programs.availability() instanceof Availability.Unavailable(String why)
              ? why
              : "has no program";
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "tool '" + name() + "' cannot run here: " + reason);
    }
    return files.digest();
  }

  @Override
  public JsonObject check(JsonObject parameters) {
    ParameterSchema.Checked checked = parsed.schema().check(parameters);
    if (!checked.violations().isEmpty()) {
      throw invalid(checked.violations(), parameters);
    }
    List<Violation> refused = parsed.command().violations(checked.filled());
    if (!refused.isEmpty()) {
      throw invalid(refused, checked.filled());
    }
    return checked.filled();
  }

  @Override
  public JsonObject coerce(Map<String, List<String>> fields) {
    return parsed.schema().coerce(fields);
  }

  @Override
  public Invocation bind(JsonObject checked, Set<String> inputs) {
    Set<String> unknown = new TreeSet<>(inputs);
    unknown.removeAll(definition().inputs().keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("tool " + name() + " has no inputs " + unknown);
    }
    CommandTemplate.Bound bound = parsed.command().bind(checked, inputs);
    if (!bound.violations().isEmpty()) {
      throw invalid(bound.violations(), checked);
    }
    Map<String, String> inputPaths = new LinkedHashMap<>();
    inputs.forEach(name -> inputPaths.put(name, name));
    return new Invocation(bound.argv(), bound.environment(), inputPaths, outputPaths);
  }

  private ServiceException invalid(List<Violation> violations, JsonObject given) {
    return ServiceException.invalid(
        ErrorCode.INVALID_PARAMETERS,
        "the parameters are not what tool '" + name() + "' allows",
        parsed.schema().discreet(violations, given));
  }
}
