package dev.stoker.check;

import dev.stoker.check.Words.Word;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Network;
import dev.stoker.tool.ToolDefinition.Sharing;
import dev.stoker.tool.ToolDefinition.StdinMode;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Keys that give away more than a tool needs. Stateless. */
final class DeclarationFindings {
  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "(?i).*(passw(or)?d|passphrase|secret|token|api_?key|private_?key|access_?key|credential).*");
  private static final Pattern SECRET_SHAPE =
      Pattern.compile(
          "(?s).*(AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{20,}"
              + "|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}\\."
              + "|[a-z][a-z0-9+.-]*://[^/\\s:@$]+:[^/\\s:@$]+@).*");
  private static final Pattern SECRET_OPTION =
      Pattern.compile("(?i)--?(password|passwd|secret|token|api-?key)=[^$].*");

  /** Variables that make a program load or run something. */
  private static final Set<String> CODE_VARIABLES =
      Set.of(
          "BASH_ENV",
          "ENV",
          "SHELLOPTS",
          "PYTHONPATH",
          "PYTHONSTARTUP",
          "PYTHONHOME",
          "PERL5LIB",
          "PERL5OPT",
          "PERLLIB",
          "RUBYOPT",
          "RUBYLIB",
          "NODE_OPTIONS",
          "NODE_PATH",
          "JAVA_TOOL_OPTIONS",
          "_JAVA_OPTIONS",
          "GIT_SSH_COMMAND",
          "GIT_EXTERNAL_DIFF",
          "PAGER",
          "EDITOR",
          "GCONV_PATH",
          "PATH",
          "IFS");

  private static final Set<String> BROAD =
      Set.of(
          "/", "/etc", "/root", "/home", "/var", "/proc", "/sys", "/dev", "/run", "/tmp", "/opt");

  private DeclarationFindings() {}

  static void find(ToolDefinition tool, Report report, List<Word> words) {
    isolation(tool, report);
    environment(tool, report);
    for (Word word : words) {
      if (SECRET_SHAPE.matcher(word.text()).matches()
          || SECRET_OPTION.matcher(word.text()).matches()) {
        report.error(
            word.path(),
            "secret",
            "looks like a secret, which every process list of the machine shows",
            "give the program a file that it alone may read");
      }
    }
    unchecked(tool, report, words);
  }

  private static void isolation(ToolDefinition tool, Report report) {
    if (tool.isolation() == Isolation.NONE) {
      report.warning(
          "isolation",
          "no-isolation",
          tool.network() == Network.HOST
              ? "keeps its runs from nothing: they read what Stoker reads and use the network"
              : "keeps its runs from no file that Stoker can read",
          "leave the key out (confined), and add to readable what the tool then lacks");
    } else if (tool.network() == Network.HOST) {
      report.note(
          "network",
          "open-network",
          "lets its runs reach whatever this machine reaches, Stoker's own port too",
          "leave the key out where the tool works without");
    }
    for (int i = 0; i < tool.readable().size(); i++) {
      String path = tool.readable().get(i).replaceFirst("(?<=.)/+$", "");
      if (BROAD.contains(path)) {
        report.warning(
            "readable[" + i + "]",
            "broad-readable",
            "lets its runs read all of " + path,
            "name the files or directories that the tool needs");
      }
    }
    if (tool.worker() != null && tool.worker().sharing() == Sharing.ANYONE) {
      report.note(
          "worker.sharing",
          "shared-worker",
          "has one process serve several principals: what one leaves in it another may find",
          "leave the key out unless the worker keeps nothing");
    }
  }

  private static void environment(ToolDefinition tool, Report report) {
    tool.environment()
        .forEach(
            (name, value) -> {
              String path = "environment." + name;
              boolean fixed = new Word(path, value, List.of()).isFixed();
              boolean named = SECRET_NAME.matcher(name).matches() && !value.startsWith("/");
              if (fixed && !value.isEmpty() && (named || SECRET_SHAPE.matcher(value).matches())) {
                report.error(
                    path,
                    "secret",
                    "looks like a secret, which whoever reads the catalog or /proc sees",
                    "give the program a file that it alone may read");
              }
              if (!fixed && CODE_VARIABLES.contains(name)) {
                report.error(
                    path,
                    "code-variable",
                    "lets the caller choose what the program loads or starts",
                    "write the value out");
              }
            });
  }

  /** A caller's script that nobody looks at. */
  private static void unchecked(ToolDefinition tool, Report report, List<Word> words) {
    boolean interprets =
        words.stream()
            .filter(Word::isFixed)
            .limit(3)
            .map(word -> Programs.baseName(word.text()))
            .anyMatch(
                name -> CommandFindings.SHELLS.contains(name) || name.matches("python[0-9.]*"));
    if (!interprets) {
      return;
    }
    boolean fromStdin =
        tool.stdin() != StdinMode.NONE
            && words.size() > 1
            && Set.of("-s", "-", "/dev/stdin").contains(words.get(words.size() - 1).text());
    if ((fromStdin || (tool.stdin() != StdinMode.NONE && words.size() == 1))
        && tool.check() == null) {
      report.warning(
          "stdin",
          "unchecked-script",
          "runs the caller's script without a look at it",
          "write check: shell or check: python");
    }
    for (Word word : words) {
      String name = word.text().replaceFirst("^\\$\\{inputs\\.([^}]+)}$", "$1");
      ToolDefinition.Input input = tool.inputs().get(name);
      if (input != null && input.check() == null && isScriptPlace(words, word)) {
        report.warning(
            "inputs." + name,
            "unchecked-script",
            "is a script of the caller's that runs without a look at it",
            "write check: shell or check: python");
      }
    }
  }

  /** Straight behind an interpreter, options aside. */
  private static boolean isScriptPlace(List<Word> words, Word script) {
    int at = words.indexOf(script);
    for (int i = at - 1; i >= 0; i--) {
      String text = words.get(i).text();
      if (!text.startsWith("-")) {
        String name = Programs.baseName(text);
        return CommandFindings.SHELLS.contains(name) || name.matches("python[0-9.]*");
      }
      if (text.matches("-[A-Za-z]*[cm]")) {
        return false;
      }
    }
    return false;
  }
}
