package dev.stoker.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Finding.Severity;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Language;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Callers' scripts before they run, with the real shellcheck and Python. */
class ScriptCheckIT {
  private static final ToolDefinition SHELL =
      CheckFixture.tool("command: [sh, -s]\nstdin: required\ncheck: shell");

  @TempDir Path directory;
  private final List<CheckFixture> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(CheckFixture::close);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          SHELL  | echo ok\\nif\\n                                         | line 2 | SC1073
          SHELL  | echo ok\\n[ $x = 1 ] && [[ -v a ]                      | line 2 | SC1
          PYTHON | import os\\nos.system("ls")                            | line 2 | PY-shell
          PYTHON | from os import system as s\\n\\ns("ls")                | line 3 | PY-shell
          PYTHON | import subprocess as p\\np.run("ls", shell=True)       | line 2 | PY-shell
          PYTHON | getattr(__import__("os"), "popen")("ls")               | line 1 | PY-shell
          PYTHON | f = eval\\nf("1")                                      | line 2 | PY-eval
          PYTHON | import builtins\\nbuiltins.exec("1")                   | line 2 | PY-eval
          PYTHON | import pickle, sys\\npickle.load(sys.stdin.buffer)     | line 2 | PY-pickle
          PYTHON | x = 1\\nimport ctypes                                  | line 2 | PY-native
          PYTHON | __import__("ctypes")                                   | line 1 | PY-native
          PYTHON | x = 1\\nprint(x                                        | line 2 | PY-syntax
          """)
  void shouldRefuseWhatIsDangerousOrBroken(
      Language language, String script, String line, String code) {
    ServiceException refusal = refusal(open(s -> s).check, script(language, unescaped(script)));

    assertThat(refusal.code()).isEqualTo(ErrorCode.SCRIPT_REFUSED);
    assertThat(refusal.violations())
        .anySatisfy(
            violation -> {
              assertThat(violation.field()).isEqualTo("stdin");
              assertThat(violation.message()).startsWith(line + ": error " + code);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          SHELL  | set -eu\\nprintf '%s' "$1"
          PYTHON | import json, sys\\nprint(json.load(sys.stdin)["a"])
          PYTHON | import subprocess\\nsubprocess.run(["ls"], shell=False)
          PYTHON | def evaluate(x):\\n  return x\\nevaluate("eval(1)")
          """)
  void shouldLetThroughWhatIsHarmless(Language language, String script) throws Exception {
    CheckFixture fixture = open(s -> s);

    result(fixture.check.scripts(SHELL, List.of(script(language, unescaped(script)))));

    assertThat(
            fixture.meters.get("stoker.script.checks").tag("verdict", "passed").counter().count())
        .isEqualTo(1);
  }

  @Test
  void shouldCountWarningsWhereTheyAreToCount() {
    StaticCheck strict = open(s -> with(s, s.scripts(), Severity.WARNING)).check;
    String script = "#!/bin/sh\necho `ls` [ $never\ncd /tmp\n";

    assertThat(refusal(strict, script(Language.SHELL, script)).violations())
        .extracting(Violation::message)
        .anyMatch(message -> message.contains("warning SC"));
  }

  @Test
  void shouldIgnoreACommentThatTellsTheAnalyserToLookAway() {
    String script = "#!/bin/sh\n# shellcheck disable=all\nrm -rf \"$1/\"*\necho $undefined\n";
    StaticCheck strict = open(s -> with(s, s.scripts(), Severity.NOTE)).check;

    assertThat(refusal(strict, script(Language.SHELL, script)).violations())
        .extracting(Violation::message)
        .anyMatch(message -> message.startsWith("line 4: ") && message.contains("SC2086"));
  }

  @Test
  void shouldLetARunGoOnWhereThePolicyWarns() throws Exception {
    CheckFixture fixture = open(s -> with(s, Policy.WARN, Severity.ERROR));

    result(fixture.check.scripts(SHELL, List.of(script(Language.PYTHON, "eval('1')"))));

    assertThat(
            fixture.meters.get("stoker.script.checks").tag("verdict", "warned").counter().count())
        .isEqualTo(1);
  }

  @Test
  void shouldRefuseAScriptThatIsTooLarge() {
    StaticCheck check = open(s -> s).check;
    String large = "#" + "x".repeat(1 << 20);

    assertThat(refusal(check, script(Language.SHELL, large)).violations())
        .singleElement()
        .matches(violation -> violation.message().contains("more than 1MiB"));
  }

  @Test
  void shouldRefuseAScriptWhoseAnalysisDoesNotEnd() throws Exception {
    Path slow = directory.resolve("slow");
    Files.writeString(slow, "#!/bin/sh\nexec sleep 600\n");
    Files.setPosixFilePermissions(slow, PosixFilePermissions.fromString("rwx------"));
    CheckFixture fixture =
        open(s -> withShellcheck(s, slow.toString(), Duration.ofMillis(200), s.waitingMax()));

    assertThat(refusal(fixture.check, script(Language.SHELL, "true")).violations())
        .singleElement()
        .matches(violation -> violation.message().contains("took longer than 200ms"));
    assertThat(fixture.runner.active()).isZero();
  }

  @Test
  void shouldRefuseAScriptThatEndsTheAnalyser() {
    String deep = "(".repeat(200_000);

    assertThat(refusal(open(s -> s).check, script(Language.PYTHON, deep)).code())
        .isEqualTo(ErrorCode.SCRIPT_REFUSED);
  }

  @Test
  void shouldSendAwayWhoComesWhenTooManyWait() throws Exception {
    Path slow = directory.resolve("slow");
    Files.writeString(slow, "#!/bin/sh\nexec sleep 600\n");
    Files.setPosixFilePermissions(slow, PosixFilePermissions.fromString("rwx------"));
    StaticCheck check =
        open(s -> withShellcheck(s, slow.toString(), Duration.ofSeconds(60), 1)).check;
    List<Future<Void>> taken = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      taken.add(check.scripts(SHELL, List.of(script(Language.SHELL, "true " + i))));
    }

    ServiceException refusal = refusal(check, script(Language.SHELL, "true again"));

    assertThat(refusal.code()).isEqualTo(ErrorCode.CAPACITY_EXCEEDED);
    assertThat(refusal.retryAfter()).isNotNull();
    assertThat(taken).noneMatch(Future::isComplete);
  }

  @Test
  void shouldAnalyseEqualScriptsOnce() throws Exception {
    Path counting = directory.resolve("counting");
    Path log = directory.resolve("log");
    Files.writeString(
        counting, "#!/bin/sh\necho x >> " + log + "\nexec /usr/bin/shellcheck \"$@\"\n");
    Files.setPosixFilePermissions(counting, PosixFilePermissions.fromString("rwx------"));
    StaticCheck check =
        open(s -> withShellcheck(s, counting.toString(), s.timeout(), s.waitingMax())).check;
    result(check.scripts(SHELL, List.of(script(Language.SHELL, "true"))));

    Future<Void> again = check.scripts(SHELL, List.of(script(Language.SHELL, "true")));

    assertThat(again.succeeded()).isTrue();
    assertThat(Files.readAllLines(log)).hasSize(1);
  }

  private CheckFixture open(UnaryOperator<CheckSettings> change) {
    try {
      CheckFixture fixture = new CheckFixture(directory.resolve("check"), change);
      opened.add(fixture);
      return fixture;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static CheckSettings with(CheckSettings s, Policy scripts, Severity severity) {
    return new CheckSettings(
        scripts,
        s.entries(),
        severity,
        s.shellcheck(),
        s.python(),
        s.searchPath(),
        s.directory(),
        s.mark(),
        s.timeout(),
        s.scriptSize(),
        s.atOnce(),
        s.waitingMax());
  }

  private static CheckSettings withShellcheck(
      CheckSettings s, String program, Duration timeout, int waitingMax) {
    return new CheckSettings(
        s.scripts(),
        s.entries(),
        s.severity(),
        program,
        s.python(),
        s.searchPath(),
        s.directory(),
        s.mark(),
        timeout,
        ByteSize.parse("1MiB"),
        2,
        waitingMax);
  }

  private static Script script(Language language, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Script("stdin", language, Digest.of(bytes), bytes.length, () -> bytes);
  }

  private static String unescaped(String row) {
    return row.replace("\\n", "\n");
  }

  private static ServiceException refusal(StaticCheck check, Script script) {
    List<ServiceException> refusals = new ArrayList<>();
    assertThatThrownBy(() -> result(check.scripts(SHELL, List.of(script))))
        .satisfies(e -> refusals.add((ServiceException) e));
    return refusals.getFirst();
  }

  private static void result(Future<Void> future) throws Exception {
    future.await(60, TimeUnit.SECONDS);
  }
}
