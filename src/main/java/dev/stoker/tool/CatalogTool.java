package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import dev.stoker.tool.ProgramFinder.Programs;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A tool as the catalog has read it, and what its program is on this node. */
final class CatalogTool implements Tool {
  /** No text of this many characters can make an argument too long, however often it is used. */
  private static final int SHORT_CHARS = 2000;

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
    ValueRules.Breaches breaches = ValueRules.check(parameters, parsed.schema().json());
    if (breaches.shape() == ValueRules.Shape.REFUSED) {
      throw invalid(breaches.violations());
    }
    JsonObject filled = parsed.schema().withDefaults(parameters);
    List<Violation> all = new ArrayList<>(breaches.violations());
    parsed.schema().violations(filled).stream()
        .filter(v -> breaches.violations().stream().noneMatch(b -> b.field().equals(v.field())))
        .forEach(all::add);
    if (all.isEmpty()) {
      options(filled, all);
    }
    if (all.isEmpty()) {
      sizes(filled, all);
    }
    if (!all.isEmpty()) {
      throw invalid(all);
    }
    return filled;
  }

  @Override
  public JsonObject coerce(Map<String, List<String>> fields) {
    return FieldReader.read(fields, parsed.schema().json());
  }

  @Override
  public Invocation bind(JsonObject checked, Set<String> inputs) {
    Set<String> unknown = new TreeSet<>(inputs);
    unknown.removeAll(definition().inputs().keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("tool " + name() + " has no inputs " + unknown);
    }
    TemplateBinder bound = bound(checked, inputs);
    if (!bound.violations().isEmpty()) {
      throw invalid(bound.violations());
    }
    Map<String, String> inputPaths = new LinkedHashMap<>();
    inputs.forEach(name -> inputPaths.put(name, name));
    return new Invocation(bound.argv(), bound.environment(), inputPaths, outputPaths);
  }

  private TemplateBinder bound(JsonObject checked, Set<String> inputs) {
    return new TemplateBinder(checked, inputs, outputPaths)
        .arguments(parsed.plan().template())
        .environment(parsed.plan().environment());
  }

  /** Refuses what the program would read as an option. */
  private void options(JsonObject filled, List<Violation> violations) {
    for (String name : parsed.plan().exposed()) {
      Object value = filled.getValue(name);
      if (value instanceof JsonArray items) {
        for (int i = 0; i < items.size(); i++) {
          option(items.getValue(i), "params." + name + "[" + i + "]", violations);
        }
      } else {
        option(value, "params." + name, violations);
      }
    }
  }

  private static void option(@Nullable Object value, String field, List<Violation> violations) {
    if (value != null && Values.text(value).startsWith("-")) {
      violations.add(
          new Violation(
              field,
              Values.quoted(value)
                  + " begins with '-', which the program would read as an option;"
                  + " allowed: text that begins with another character"));
    }
  }

  /** Tries the binding, so that a request that is let in can also be started. */
  private void sizes(JsonObject filled, List<Violation> violations) {
    if (parsed.plan().template().nodes().size() < SHORT_CHARS / 10 && chars(filled) < SHORT_CHARS) {
      return;
    }
    violations.addAll(bound(filled, definition().inputs().keySet()).violations());
    if (violations.isEmpty()) {
      violations.addAll(bound(filled, Set.of()).violations());
    }
  }

  private static long chars(@Nullable Object value) {
    return switch (value) {
      case null -> 4;
      case String text -> text.length();
      case JsonArray array -> array.stream().mapToLong(CatalogTool::chars).sum() + array.size();
      case JsonObject object -> object.stream().mapToLong(e -> chars(e.getValue())).sum();
      case Integer i -> 11;
      case Long l -> 20;
      case Boolean b -> 5;
      default -> ValueRules.DIGITS_MAX;
    };
  }

  private ServiceException invalid(List<Violation> violations) {
    return ServiceException.invalid(
        ErrorCode.INVALID_PARAMETERS,
        "the parameters are not what tool '" + name() + "' allows",
        violations);
  }
}
