package dev.stoker.check;

import dev.stoker.check.Finding.Severity;
import dev.stoker.run.Exit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Python programs, by Python's own parser and a walk through the tree. */
record PythonAnalyser(Programs programs, String program) implements Analyser {
  private static final String WALK = walk();

  @Override
  public List<Remark> analyse(byte[] script, @Nullable String dialect, Author author, Desk desk)
      throws AnalysisException {
    Path file =
        programs.find(program).orElseThrow(() -> new AnalysisException(String.valueOf(missing())));
    // -I and -S: nothing of the environment, of the user's or of the site's is loaded.
    AnalyserRun.Result result = desk.run(file, List.of(program, "-I", "-S", "-c", WALK), script);
    if (!result.exit().equals(new Exit.Code(0))) {
      // A tree too deep can end the interpreter itself.
      throw new AnalysisException(program + " could not parse it: " + result.exit());
    }
    try {
      return remarks(new JsonArray(Buffer.buffer(result.stdout())));
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new AnalysisException(program + " did not answer in JSON");
    }
  }

  private static List<Remark> remarks(JsonArray found) {
    List<Remark> remarks = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      JsonObject one = found.getJsonObject(i);
      remarks.add(
          new Remark(
              one.getInteger("line"),
              Severity.valueOf(one.getString("severity").toUpperCase(Locale.ROOT)),
              one.getString("code"),
              one.getString("message"),
              one.getString("advice")));
    }
    return remarks;
  }

  @Override
  public @Nullable String missing() {
    return programs.find(program).isPresent()
        ? null
        : "'" + program + "' is not installed, which reads Python programs (Debian: python3)";
  }

  private static String walk() {
    try (InputStream in = PythonAnalyser.class.getResourceAsStream("/check/python.py")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks /check/python.py");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the jar's /check/python.py cannot be read", e);
    }
  }
}
