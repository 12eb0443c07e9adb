package dev.stoker.check;

import dev.stoker.check.Finding.Severity;
import dev.stoker.run.Exit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Shell scripts, by shellcheck. */
record ShellAnalyser(Programs programs, String program) implements Analyser {
  /** Exit codes of shellcheck(1): 0 nothing found, 1 something found. */
  private static final int FOUND = 1;

  private static final Pattern DIRECTIVE = Pattern.compile("(?i)#(\\s*)shellcheck\\b");
  private static final Pattern SHEBANG = Pattern.compile("\\A#![^\\n]*sh\\b");

  @Override
  public List<Remark> analyse(byte[] script, @Nullable String dialect, Author author, Desk desk)
      throws AnalysisException {
    Path file =
        programs.find(program).orElseThrow(() -> new AnalysisException(String.valueOf(missing())));
    String text = new String(script, StandardCharsets.UTF_8);
    List<String> arguments = new ArrayList<>(List.of(program, "--norc", "--format=json1"));
    if (dialect != null) {
      arguments.add("--shell=" + dialect);
    } else if (!SHEBANG.matcher(text).find()) {
      arguments.add("--shell=sh");
    }
    arguments.add("-");
    // Directives are taken from the operator's comments only. Lines and columns stay what they are.
    String shown =
        author == Author.CALLER ? DIRECTIVE.matcher(text).replaceAll("#$1shell-check") : text;
    AnalyserRun.Result result = desk.run(file, arguments, shown.getBytes(StandardCharsets.UTF_8));
    if (!(result.exit() instanceof Exit.Code(int code)) || code > FOUND) {
      throw new AnalysisException(program + " ended badly: " + result.exit());
    }
    try {
      return remarks(new JsonObject(Buffer.buffer(result.stdout())).getJsonArray("comments"));
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new AnalysisException(program + " did not answer as its --format=json1 should");
    }
  }

  private static List<Remark> remarks(JsonArray comments) {
    List<Remark> remarks = new ArrayList<>();
    for (int i = 0; i < comments.size(); i++) {
      JsonObject comment = comments.getJsonObject(i);
      String code = "SC" + comment.getInteger("code");
      remarks.add(
          new Remark(
              comment.getInteger("line"),
              severity(comment.getString("level")),
              code,
              comment.getString("message"),
              "see shellcheck's page on " + code));
    }
    return remarks;
  }

  private static Severity severity(String level) {
    return switch (level) {
      case "error" -> Severity.ERROR;
      case "warning" -> Severity.WARNING;
      default -> Severity.NOTE;
    };
  }

  @Override
  public @Nullable String missing() {
    return programs.find(program).isPresent()
        ? null
        : "'" + program + "' is not installed, which reads shell scripts (Debian: shellcheck)";
  }
}
