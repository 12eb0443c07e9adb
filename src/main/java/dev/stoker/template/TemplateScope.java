package dev.stoker.template;

import dev.stoker.template.Template.Condition;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known where an element of a template stands. Immutable.
 *
 * @param parameters that have a value
 * @param inputs that are given
 * @param each the parameter whose items are gone through; null outside of an {@code each}
 */
record TemplateScope(Set<String> parameters, Set<String> inputs, @Nullable String each) {
  static final TemplateScope TOP = new TemplateScope(Set.of(), Set.of(), null);

  TemplateScope {
    parameters = Set.copyOf(parameters);
    inputs = Set.copyOf(inputs);
  }

  TemplateScope each(String parameter) {
    return new TemplateScope(parameters, inputs, parameter);
  }

  /** Where the condition holds. */
  TemplateScope within(Condition condition) {
    return switch (condition) {
      case Condition.Present(String name) ->
          new TemplateScope(with(parameters, Set.of(name)), inputs, each);
      case Condition.Equal(Map<String, Object> values) ->
          new TemplateScope(with(parameters, values.keySet()), inputs, each);
      case Condition.Given(String name) ->
          new TemplateScope(parameters, with(inputs, Set.of(name)), each);
    };
  }

  private static Set<String> with(Set<String> names, Set<String> more) {
    Set<String> all = new HashSet<>(names);
    all.addAll(more);
    return all;
  }
}
