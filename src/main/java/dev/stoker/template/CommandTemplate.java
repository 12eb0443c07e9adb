package dev.stoker.template;

import dev.stoker.run.Violation;
import dev.stoker.schema.Mistakes;
import dev.stoker.template.Template.Part;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a tool is started: its argv and environment with places for values. Immutable and
 * thread-safe.
 */
public final class CommandTemplate {
  /** No text of this many characters can make an argument too long, however often it is used. */
  private static final int SHORT_CHARS = 2000;

  private final Template template;
  private final List<String> requires;
  private final Map<String, String> environment;
  private final Map<String, List<Part>> variables;
  private final ArgumentRules rules;
  private final Declared declared;

  /**
   * @param variables the environment, each value in pieces
   */
  CommandTemplate(
      Template template,
      List<String> requires,
      Map<String, String> environment,
      Map<String, List<Part>> variables,
      ArgumentRules rules,
      Declared declared) {
    this.template = template;
    this.requires = List.copyOf(requires);
    this.environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    this.variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    this.rules = rules;
    this.declared = declared;
  }

  /** Reads what a file says and notes what is wrong; fit for use only when nothing is. */
  public static CommandTemplate read(WrittenCommand written, Declared declared, Mistakes mistakes) {
    return new CommandReader(declared, mistakes).read(written);
  }

  /** Programs that the command starts itself, by name or absolute path. */
  public List<String> requires() {
    return requires;
  }

  /** The variables as the file writes them, over those that every tool has. */
  public Map<String, String> environment() {
    return environment;
  }

  /** The arguments that no value goes into, in order, those of every branch among them. */
  public List<String> literals() {
    return template.literals();
  }

  /**
   * What the argument rules refuse: a value that the program would read as an option, and values
   * that no process could be started with, whichever inputs are given.
   *
   * @param filled allowed by the schema, with the defaults filled in
   */
  public List<Violation> violations(JsonObject filled) {
    List<Violation> options = rules.options(filled);
    return options.isEmpty() ? sizes(filled) : options;
  }

  /**
   * Puts values in their places.
   *
   * @param inputs names of the inputs that are given
   */
  public Bound bind(JsonObject filled, Set<String> inputs) {
    TemplateBinder binder =
        new TemplateBinder(filled, inputs, declared.outputs())
            .arguments(template)
            .environment(variables);
    return new Bound(binder.argv(), binder.environment(), binder.violations());
  }

  /**
   * A command with every value in its place. Immutable.
   *
   * @param violations what no process could be started with; empty when one can
   */
  public record Bound(
      List<String> argv, Map<String, String> environment, List<Violation> violations) {
    public Bound {
      argv = List.copyOf(argv);
      environment = Map.copyOf(environment);
      violations = List.copyOf(violations);
    }
  }

  /** Tries the binding, so that a request that is let in can also be started. */
  private List<Violation> sizes(JsonObject filled) {
    if (template.nodes().size() < SHORT_CHARS / 10 && ArgumentRules.chars(filled) < SHORT_CHARS) {
      return List.of();
    }
    List<Violation> violations =
        new ArrayList<>(bind(filled, declared.inputs().keySet()).violations());
    if (violations.isEmpty()) {
      violations.addAll(bind(filled, Set.of()).violations());
    }
    return violations;
  }
}
