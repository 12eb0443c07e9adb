package dev.stoker.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An argv template, parsed. Immutable.
 *
 * <p>A placeholder's value never becomes anything but a piece of the argument that it stands in.
 */
record Template(List<Node> nodes) {
  Template {
    nodes = List.copyOf(nodes);
  }

  /** The arguments that no value goes into, in order, those of every branch among them. */
  List<String> literals() {
    List<String> literals = new ArrayList<>();
    collect(nodes, literals);
    return literals;
  }

  private static void collect(List<Node> nodes, List<String> literals) {
    for (Node node : nodes) {
      switch (node) {
        case Argument(List<Part> parts) -> {
          if (parts.size() == 1 && parts.getFirst() instanceof Part.Literal(String text)) {
            literals.add(text);
          }
        }
        case Conditional(Condition condition, List<Node> then, List<Node> otherwise) -> {
          collect(then, literals);
          collect(otherwise, literals);
        }
        case Repeated(String parameter, List<Node> then) -> collect(then, literals);
      }
    }
  }

  /** One element of the template. */
  sealed interface Node {}

  /** Becomes one argument. */
  record Argument(List<Part> parts) implements Node {
    Argument {
      parts = List.copyOf(parts);
    }

    /** Its text, when no value goes into it. */
    boolean isLiteral(String text) {
      return parts.equals(List.of(new Part.Literal(text)));
    }
  }

  /** Becomes the arguments of one of its branches. */
  record Conditional(Condition condition, List<Node> then, List<Node> otherwise) implements Node {
    Conditional {
      then = List.copyOf(then);
      otherwise = List.copyOf(otherwise);
    }
  }

  /** Becomes its arguments once for each value of an array. */
  record Repeated(String parameter, List<Node> then) implements Node {
    Repeated {
      then = List.copyOf(then);
    }
  }

  /** A piece of an argument. */
  sealed interface Part {
    record Literal(String text) implements Part {}

    record Parameter(String name) implements Part {}

    /** The value of the innermost {@link Repeated}. */
    record Item() implements Part {}

    record Input(String name) implements Part {}

    record Output(String name) implements Part {}
  }

  /** Which branch it is. */
  sealed interface Condition {
    /** The parameter is there and neither false, null nor empty. */
    record Present(String parameter) implements Condition {}

    /** Each parameter has this value. */
    record Equal(Map<String, Object> values) implements Condition {
      public Equal {
        values = Map.copyOf(values);
      }
    }

    /** The caller has given the input. */
    record Given(String input) implements Condition {}
  }
}
