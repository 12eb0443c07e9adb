package dev.stoker.check;

import dev.stoker.check.Analyser.Author;
import dev.stoker.check.Finding.Severity;
import dev.stoker.check.Words.Word;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Language;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The operator's own scripts: files that a command names, and what stands behind {@code -c}. */
final class ScriptFindings {
  private static final Pattern SYSTEM = Pattern.compile("/(usr/)?s?bin/[^/]+");
  private static final Pattern PYTHON = Pattern.compile("python[0-9.]*");

  /** What shellcheck calls the shells that it knows. */
  private static final Map<String, String> DIALECTS =
      Map.of(
          "sh", "sh", "bash", "bash", "dash", "dash", "ash", "dash", "busybox", "dash", "ksh",
          "ksh", "mksh", "ksh");

  private final Analyses analyses;
  private final Desk desk;
  private final long bytesMax;

  ScriptFindings(Analyses analyses, Desk desk, long bytesMax) {
    this.analyses = analyses;
    this.desk = desk;
    this.bytesMax = bytesMax;
  }

  /** Analyses what was not analysed before. Blocks. */
  void find(ToolDefinition tool, Report report, List<Word> words, Programs programs) {
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      Path file = FileFindings.file(tool, words, word, programs);
      // The system's own programs are others' work: nobody here would mend them.
      if (file != null && !(i == 0 && isSystem(word, file))) {
        file(report, word.path(), file);
      }
      if (i > 1 && word.isFixed()) {
        inline(report, words, i);
      }
    }
  }

  private static boolean isSystem(Word word, Path file) {
    return !word.literal().startsWith("/") || SYSTEM.matcher(file.toString()).matches();
  }

  /** The shell of a command, in shellcheck's words; null where there is none that it knows. */
  static @Nullable String dialect(List<Word> words) {
    return words.stream()
        .map(word -> DIALECTS.get(Programs.baseName(word.text())))
        .filter(dialect -> dialect != null)
        .findFirst()
        .orElse(null);
  }

  private void file(Report report, String path, Path file) {
    byte[] script;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(2);
      Language language = language(file, head);
      if (language == null) {
        return;
      }
      byte[] rest = in.readNBytes((int) bytesMax);
      script = new byte[head.length + rest.length];
      System.arraycopy(head, 0, script, 0, head.length);
      System.arraycopy(rest, 0, script, head.length, rest.length);
      if (script.length > bytesMax) {
        report.warning(path, "unscanned", file + " is too large to be scanned", "make it smaller");
        return;
      }
      Language known = byName(file);
      analyse(
          report, path, file.toString(), known == null ? byShebang(script) : known, null, script);
    } catch (IOException e) {
      report.warning(path, "unscanned", file + " cannot be read", "let Stoker read it");
    }
  }

  /** A guess by name and first bytes; {@link #byShebang} knows better. */
  private static @Nullable Language language(Path file, byte[] head) {
    Language named = byName(file);
    boolean script = head.length == 2 && head[0] == '#' && head[1] == '!';
    return named != null ? named : script ? Language.SHELL : null;
  }

  private static @Nullable Language byName(Path file) {
    String name = file.toString();
    if (name.endsWith(".py")) {
      return Language.PYTHON;
    }
    return name.endsWith(".sh") || name.endsWith(".bash") ? Language.SHELL : null;
  }

  private static @Nullable Language byShebang(byte[] script) {
    int end = 0;
    while (end < script.length && end < 200 && script[end] != '\n') {
      end++;
    }
    String[] line =
        new String(script, 2, Math.max(0, end - 2), StandardCharsets.UTF_8).split("[ /]+", -1);
    for (String word : line) {
      if (DIALECTS.containsKey(word)) {
        return Language.SHELL;
      }
      if (PYTHON.matcher(word).matches()) {
        return Language.PYTHON;
      }
    }
    return null;
  }

  /** A fixed script or program behind {@code -c}. */
  private void inline(Report report, List<Word> words, int at) {
    if (!words.get(at - 1).text().matches("-[a-zA-Z]*c")) {
      return;
    }
    byte[] script = words.get(at).literal().getBytes(StandardCharsets.UTF_8);
    for (int i = at - 2; i >= 0; i--) {
      String program = Programs.baseName(words.get(i).text());
      String dialect = DIALECTS.get(program);
      boolean python = PYTHON.matcher(program).matches();
      if (dialect != null || python) {
        Language language = python ? Language.PYTHON : Language.SHELL;
        analyse(report, words.get(at).path(), report.file(), language, dialect, script);
        return;
      }
    }
  }

  private void analyse(
      Report report,
      String path,
      String file,
      @Nullable Language language,
      @Nullable String dialect,
      byte[] script) {
    if (language == null) {
      return;
    }
    String missing = analyses.analyser(language).missing();
    if (missing != null) {
      report.note(path, "unscanned", missing, "install it, or name it in check");
      return;
    }
    try {
      analyses
          .of(language, dialect, Author.OPERATOR, script, desk)
          .forEach(remark -> report.add(remark.at(file, path)));
    } catch (AnalysisException e) {
      report.add(
          new Finding(
              file, path, 0, Severity.WARNING, "unscanned", String.valueOf(e.getMessage()), ""));
    }
  }
}
