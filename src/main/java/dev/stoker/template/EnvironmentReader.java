package dev.stoker.template;

import dev.stoker.schema.Mistakes;
import dev.stoker.template.Template.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a tool's environment. Nothing of Stoker's own is in it. Confined to one reading. */
final class EnvironmentReader {
  private static final Map<String, String> DEFAULTS =
      Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Set<String> OURS = Set.of("HOME", "TMPDIR");
  private static final int VARIABLES_MAX = 256;

  private final TemplateParser parser;
  private final Mistakes mistakes;

  EnvironmentReader(TemplateParser parser, Mistakes mistakes) {
    this.parser = parser;
    this.mistakes = mistakes;
  }

  /** Each variable's value in pieces: the defaults, and over them what the file says. */
  Map<String, List<Part>> read(@Nullable Map<String, @Nullable String> written) {
    Map<String, List<Part>> variables = new LinkedHashMap<>();
    definition(written)
        .forEach((name, value) -> variables.put(name, parser.parts(value, "environment." + name)));
    if (written != null) {
      written.keySet().forEach(this::name);
      if (written.size() > VARIABLES_MAX) {
        mistakes.add("environment", "has more than " + VARIABLES_MAX + " variables");
      }
    }
    return variables;
  }

  /** The same as text. */
  static Map<String, String> definition(@Nullable Map<String, @Nullable String> written) {
    Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
    if (written != null) {
      written.forEach((name, value) -> all.put(name, Objects.requireNonNullElse(value, "")));
    }
    return all;
  }

  private void name(String name) {
    String path = "environment." + name;
    if (!NAME.matcher(name).matches()) {
      mistakes.add(
          path,
          "is not a variable's name; allowed: a letter or _, then letters, digits and _, at most 128");
    } else if (name.startsWith("LD_") || name.startsWith("STOKER_")) {
      mistakes.add(path, "may not be set; allowed: names that do not begin with LD_ or STOKER_");
    } else if (OURS.contains(name)) {
      mistakes.add(path, "may not be set: it is the run's own work directory");
    }
  }
}
