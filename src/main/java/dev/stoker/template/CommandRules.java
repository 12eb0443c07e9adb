package dev.stoker.template;

import dev.stoker.schema.Mistakes;
import dev.stoker.schema.Values;
import dev.stoker.template.Template.Argument;
import dev.stoker.template.Template.Node;
import dev.stoker.template.Template.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a command may not be, whatever its parameters are. */
final class CommandRules {
  private static final Set<String> SHELLS =
      Set.of("sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "tcsh", "zsh");
  private static final Pattern SCRIPT_FOLLOWS = Pattern.compile("-[a-zA-Z]*c");

  private CommandRules() {}

  static void check(Template template, Mistakes mistakes) {
    if (template.nodes().isEmpty()) {
      return;
    }
    if (!(template.nodes().getFirst() instanceof Argument(List<Part> parts)
        && parts.size() == 1
        && parts.getFirst() instanceof Part.Literal(String program))) {
      mistakes.add("command[0]", "must be the program itself, without a placeholder or a form");
      return;
    }
    program(program, "command[0]", mistakes);
    script(template.nodes(), mistakes);
  }

  /** The programs that the command starts itself. */
  static List<String> requires(@Nullable List<@Nullable String> written, Mistakes mistakes) {
    List<String> programs = new ArrayList<>();
    List<@Nullable String> all = written == null ? List.of() : written;
    for (int i = 0; i < all.size(); i++) {
      String program = Objects.requireNonNullElse(all.get(i), "");
      program(program, "requires[" + i + "]", mistakes);
      programs.add(program);
    }
    return programs;
  }

  private static void program(String program, String path, Mistakes mistakes) {
    if (program.startsWith("-")
        || program.isBlank()
        || isRelative(program)
        || program.indexOf('\0') >= 0) {
      mistakes.add(
          path,
          Values.quoted(program)
              + " is not allowed; allowed: a program's name or an absolute path");
    }
  }

  private static boolean isRelative(String program) {
    return program.contains("/") && !program.startsWith("/");
  }

  /** A value inside of a shell's script would be read as part of it. */
  private static void script(List<Node> nodes, Mistakes mistakes) {
    boolean shell = false;
    boolean script = false;
    for (int i = 0; i < nodes.size(); i++) {
      if (!(nodes.get(i) instanceof Argument(List<Part> parts))) {
        script = false;
        continue;
      }
      boolean fixed = parts.stream().allMatch(Part.Literal.class::isInstance);
      if (script && !fixed) {
        mistakes.add(
            "command[" + i + "]",
            "puts a value into a shell's script, where it would be read as code; allowed: give it"
                + " behind the script as an argument of its own and write \"$1\" in the script");
      }
      String text =
          fixed && !parts.isEmpty() && parts.getFirst() instanceof Part.Literal(String literal)
              ? literal
              : "";
      shell |= SHELLS.contains(text.substring(text.lastIndexOf('/') + 1));
      script = shell && SCRIPT_FOLLOWS.matcher(text).matches();
    }
  }
}
