package dev.stoker.check;

import dev.stoker.check.Words.Word;
import dev.stoker.tool.ToolDefinition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Commands that make code, options or paths of what a caller sends. Stateless. */
final class CommandFindings {
  static final Set<String> SHELLS =
      Set.of("sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "tcsh", "zsh");

  /** Programs that give one argument to a shell. */
  private static final Set<String> SHELL_CALLERS =
      Set.of("su", "script", "flock", "runuser", "setpriv", "watch", "ssh", "parallel");

  /** Interpreter, and the options behind which its code follows. */
  private static final Map<String, Pattern> INTERPRETERS =
      Map.of(
          "python", Pattern.compile("-[A-Za-z]*c"),
          "perl", Pattern.compile("-[A-Za-z0-9]*[eE]"),
          "ruby", Pattern.compile("-[A-Za-z0-9]*e"),
          "node", Pattern.compile("-e|-p|-pe|--eval|--print"),
          "php", Pattern.compile("-r"),
          "lua", Pattern.compile("-e"),
          "Rscript", Pattern.compile("-e"),
          "sed", Pattern.compile("-[nErsuz]*e|--expression"));

  /** Programs whose first argument that is no option is code. */
  private static final Set<String> CODE_FIRST = Set.of("awk", "gawk", "mawk", "nawk", "sed");

  /** Options of theirs that the next argument belongs to. */
  private static final Set<String> TAKES_A_VALUE = Set.of("-v", "--assign", "-F", "-l");

  private static final Pattern OPTION_OF_VALUE = Pattern.compile("--?\\$\\{.*");
  private static final Pattern DIRECTORY_THEN_VALUE = Pattern.compile("(?s).*/[^/$]*\\$\\{.*");

  private final ToolDefinition tool;
  private final Report report;
  private final List<Word> words;

  private CommandFindings(ToolDefinition tool, Report report, List<Word> words) {
    this.tool = tool;
    this.report = report;
    this.words = words;
  }

  static void find(ToolDefinition tool, Report report, List<Word> words) {
    new CommandFindings(tool, report, words).find();
  }

  private void find() {
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      if (word.values().isEmpty()) {
        continue;
      }
      if (i == 0) {
        report.error(
            word.path(),
            "program-from-value",
            "lets the caller choose the program",
            "write the program's name");
      } else if (!code(i, word)) {
        options(word);
        paths(word);
      }
    }
  }

  /** Whether the word is code, and says so. */
  private boolean code(int at, Word word) {
    for (int i = at - 1; i >= 0; i--) {
      String program = Programs.baseName(words.get(i).text());
      boolean behindOption = at > i + 1;
      String before = words.get(at - 1).text();
      if (SHELLS.contains(program) && behindOption && before.matches("-[a-zA-Z]*c")) {
        report.error(
            word.path(),
            "shell-value",
            "puts a value into a shell's script, where it is read as code",
            "give it behind the script as an argument and write \"$1\" in the script");
        return true;
      }
      if (SHELL_CALLERS.contains(program)
          && behindOption
          && before.matches("-[a-zA-Z]*c|--command")) {
        report.error(
            word.path(),
            "shell-value",
            program + " gives the value to a shell, which reads it as code",
            "start the program itself");
        return true;
      }
      Pattern option = INTERPRETERS.get(program.replaceFirst("[0-9.]+$", ""));
      if (option != null && behindOption && option.matcher(before).matches()) {
        report.error(
            word.path(),
            "interpreter-value",
            "puts a value into the code that " + program + " runs",
            "give it behind the code as an argument and read it from there");
        return true;
      }
      if (CODE_FIRST.contains(program) && isFirstArgument(i, at)) {
        report.error(
            word.path(),
            "interpreter-value",
            "puts a value into the program that " + program + " runs, which can start processes",
            "write the program out and give the value as a variable (awk -v)");
        return true;
      }
    }
    return false;
  }

  /** Whether nothing but options without a value of their own stands between. */
  private boolean isFirstArgument(int program, int at) {
    return words.subList(program + 1, at).stream().allMatch(word -> word.text().startsWith("-"))
        && !TAKES_A_VALUE.contains(words.get(at - 1).text());
  }

  private void options(Word word) {
    if (OPTION_OF_VALUE.matcher(word.text()).matches() && isFree(word)) {
      report.error(
          word.path(),
          "option-from-value",
          "lets the caller choose an option of the program",
          "write the option out, or list the values (enum)");
    } else if (word.isOneValue() && word.values().stream().anyMatch(this::hasOptionListed)) {
      report.note(
          word.path(),
          "option-from-value",
          "is an option that the caller chooses of a list",
          "check that each listed option is harmless");
    }
  }

  /** Whether a value is text that no list bounds: a number names no option. */
  private boolean isFree(Word word) {
    return word.values().stream()
        .map(name -> Values.of(tool, name))
        .anyMatch(values -> values.isText() && !values.isListed());
  }

  private boolean hasOptionListed(String name) {
    return Values.of(tool, name).choices().stream().anyMatch(choice -> choice.startsWith("-"));
  }

  private void paths(Word word) {
    boolean inPath = DIRECTORY_THEN_VALUE.matcher(word.text()).matches() && !isUrl(word.text());
    for (String name : word.values()) {
      Values values = Values.of(tool, name);
      if (inPath && values.allows("../x")) {
        report.error(
            word.path(),
            "path-from-value",
            "makes a path of '" + name + "', which may hold ../ and lead anywhere",
            "give it a pattern without / and .., such as ^[A-Za-z0-9_-]{1,64}$, or an enum");
      } else if (values.isUnbounded()) {
        report.note(
            "parameters.properties." + name,
            "unbounded-text",
            "is text of any form and length",
            "give it a pattern, an enum or a maxLength");
      } else if (word.isOneValue() && values.allows("/etc/passwd")) {
        report.note(
            "parameters.properties." + name,
            "path-like-value",
            "may be the path of any file, if the program takes it for one",
            "where it is a file, declare an input; else give it a pattern without /");
      }
    }
  }

  private static boolean isUrl(String text) {
    return text.matches("[a-z][a-z0-9+.-]*://[^/$]+/.*");
  }
}
