package dev.stoker.template;

import dev.stoker.schema.Mistakes;
import dev.stoker.schema.ParameterFacts;
import dev.stoker.schema.ParameterFacts.Presence;
import dev.stoker.schema.Values;
import dev.stoker.template.Template.Argument;
import dev.stoker.template.Template.Condition;
import dev.stoker.template.Template.Conditional;
import dev.stoker.template.Template.Node;
import dev.stoker.template.Template.Part;
import dev.stoker.template.Template.Repeated;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether every name in a template is declared and sure to have a value where it stands; and which
 * parameters stand where a value that begins with {@code -} would become an option. Confined to one
 * reading.
 */
final class TemplateCheck {
  private static final String SCALARS = "string, integer, number, boolean, enum";

  private final Map<String, ParameterFacts> parameters;
  private final Map<String, Presence> inputs;
  private final Set<String> outputs;
  private final Mistakes mistakes;
  private final Set<String> exposed = new LinkedHashSet<>();

  TemplateCheck(
      Map<String, ParameterFacts> parameters,
      Map<String, Presence> inputs,
      Set<String> outputs,
      Mistakes mistakes) {
    this.parameters = parameters;
    this.inputs = inputs;
    this.outputs = outputs;
    this.mistakes = mistakes;
  }

  /**
   * Notes each mistake.
   *
   * @return the parameters whose values may not begin with {@code -}
   */
  Set<String> check(Template template, String path) {
    nodes(template.nodes(), path, TemplateScope.TOP, new Dashes());
    return exposed;
  }

  /** The same for text that is no argument, such as a variable's value. */
  void checkText(List<Part> parts, String path) {
    TemplateScope scope = TemplateScope.TOP;
    parts.forEach(part -> part(part, path, scope));
  }

  private void nodes(List<Node> nodes, String path, TemplateScope scope, Dashes dashes) {
    for (int i = 0; i < nodes.size(); i++) {
      String at = path + "[" + i + "]";
      switch (nodes.get(i)) {
        case Argument argument -> argument(argument, at, scope, dashes);
        case Conditional form -> {
          TemplateScope then = scope.within(condition(form.condition(), at + ".if"));
          nodes(form.then(), at + ".then", then, dashes.branch());
          nodes(form.otherwise(), at + ".else", scope, dashes.branch());
        }
        case Repeated form -> {
          if (scope.each() != null) {
            mistakes.add(at + ".each", "stands in another each, which is not allowed");
          }
          repeated(form.parameter(), at + ".each");
          nodes(form.then(), at + ".then", scope.each(form.parameter()), dashes.branch());
        }
      }
    }
  }

  private void argument(Argument argument, String path, TemplateScope scope, Dashes dashes) {
    argument.parts().forEach(part -> part(part, path, scope));
    if (argument.isLiteral("--")) {
      dashes.seen = true;
    }
    if (!dashes.seen) {
      expose(argument.parts(), scope);
    }
  }

  /** What comes after a piece of text that may be empty may come first too. */
  private void expose(List<Part> parts, TemplateScope scope) {
    for (Part part : parts) {
      String name =
          switch (part) {
            case Part.Parameter(String parameter) -> parameter;
            case Part.Item item -> scope.each();
            case Part.Literal l -> null;
            case Part.Input i -> null;
            case Part.Output o -> null;
          };
      ParameterFacts facts = name == null ? null : parameters.get(name);
      if (name == null || facts == null || facts.start() == ParameterFacts.Start.NUMBER) {
        return;
      }
      if (facts.start() == ParameterFacts.Start.ANYTHING) {
        exposed.add(name);
      }
    }
  }

  private void part(Part part, String path, TemplateScope scope) {
    switch (part) {
      case Part.Literal literal -> {}
      case Part.Parameter(String name) -> parameter(name, path, scope);
      case Part.Item item -> {
        if (scope.each() == null) {
          mistakes.add(path, "${item} stands outside of an each");
        }
      }
      case Part.Input(String name) -> input(name, path, scope);
      case Part.Output(String name) -> {
        if (!outputs.contains(name)) {
          undeclared("outputs." + name, path, outputs);
        }
      }
    }
  }

  private void parameter(String name, String path, TemplateScope scope) {
    ParameterFacts facts = declared(name, path);
    if (facts == null) {
      return;
    }
    String what = "params." + name;
    switch (facts.kind()) {
      case SCALAR -> {
        if (facts.presence() == Presence.PERHAPS && !scope.parameters().contains(name)) {
          mistakes.add(
              path,
              what
                  + " may be absent; make it required, give it a default, or put this in"
                  + " {if: "
                  + what
                  + ", then: […]}");
        }
      }
      case LIST -> mistakes.add(path, what + " is a list; write {each: " + what + ", then: […]}");
      case OTHER ->
          mistakes.add(path, what + " has no type that fits an argument; allowed: " + SCALARS);
    }
  }

  private void repeated(String name, String path) {
    ParameterFacts facts = declared(name, path);
    if (facts != null && facts.kind() != ParameterFacts.Kind.LIST) {
      mistakes.add(path, "params." + name + " is not an array whose items are one of " + SCALARS);
    }
  }

  private void input(String name, String path, TemplateScope scope) {
    Presence input = inputs.get(name);
    String what = "inputs." + name;
    if (input == null) {
      undeclared(what, path, inputs.keySet());
    } else if (input == Presence.PERHAPS && !scope.inputs().contains(name)) {
      mistakes.add(path, what + " may be absent; put this in {if: " + what + ", then: […]}");
    }
  }

  private Condition condition(Condition condition, String path) {
    switch (condition) {
      case Condition.Present(String name) -> declared(name, path);
      case Condition.Given(String name) -> {
        if (!inputs.containsKey(name)) {
          undeclared("inputs." + name, path, inputs.keySet());
        }
      }
      case Condition.Equal(Map<String, Object> values) ->
          values.forEach((name, value) -> comparable(name, value, path));
    }
    return condition;
  }

  private void comparable(String name, Object value, String path) {
    ParameterFacts facts = declared(name, path);
    if (facts != null
        && !facts.choices().isEmpty()
        && !facts.choices().contains(Values.text(value))) {
      mistakes.add(
          path,
          "params."
              + name
              + " is never "
              + Values.quoted(value)
              + "; allowed: "
              + String.join(", ", new TreeSet<>(facts.choices())));
    }
  }

  private @Nullable ParameterFacts declared(String name, String path) {
    ParameterFacts facts = parameters.get(name);
    if (facts == null) {
      undeclared("params." + name, path, parameters.keySet());
    }
    return facts;
  }

  private void undeclared(String name, String path, Set<String> declared) {
    String allowed = declared.isEmpty() ? "none" : String.join(", ", new TreeSet<>(declared));
    mistakes.add(path, name + " is not declared; declared: " + allowed);
  }

  /** Whether a {@code --} of the author's has gone before; a branch's own ends with it. */
  private static final class Dashes {
    private boolean seen;

    private Dashes branch() {
      Dashes branch = new Dashes();
      branch.seen = seen;
      return branch;
    }
  }
}
