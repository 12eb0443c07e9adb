package dev.stoker.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Finding.Severity;
import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Catalog entries, dangerous ones and harmless ones, with the real shellcheck and Python. */
class EntryCheckIT {
  private static final String TEXT =
      "\nparameters: {properties: {x: {type: string}}, required: [x]}";

  @TempDir static Path directory;
  private static CheckFixture fixture;

  @BeforeAll
  static void open() throws IOException {
    fixture = new CheckFixture(directory.resolve("check"), settings -> settings);
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          command: [env, python3, -c, "print('${params.x}')"]             | command[3] | ERROR | interpreter-value
          command: [perl, -ne, "${params.x}"]                             | command[2] | ERROR | interpreter-value
          command: [node, --eval, "f('${params.x}')"]                     | command[2] | ERROR | interpreter-value
          command: [awk, "${params.x}"]                                   | command[1] | ERROR | interpreter-value
          command: [sed, -n, "s/a/${params.x}/"]                          | command[2] | ERROR | interpreter-value
          command: [bash, -c, {if: params.x, then: ["${params.x}"]}]      | command[2].then[0] | ERROR | shell-value
          command: [su, nobody, -c, "ls ${params.x}"]                     | command[3] | ERROR | shell-value
          command: [ls, "--${params.x}"]                                  | command[1] | ERROR | option-from-value
          command: [cat, "/srv/reports/${params.x}.txt"]                  | command[1] | ERROR | path-from-value
          command: [cat, --, "${params.x}"]                               | parameters.properties.x | NOTE | unbounded-text
          command: [curl, "https://u:hunter2@example.org/"]               | command[1] | ERROR | secret
          command: [mysql, --password=hunter2]                            | command[1] | ERROR | secret
          command: [sh, -c, "echo $HOME; if"]                             | command[2] | ERROR | SC1073
          command: [python3, -c, "import os; os.system('ls')"]            | command[2] | ERROR | PY-shell
          command: [sh, /opt/no-such-script.sh]                           | command[1] | WARNING | missing-script
          """)
  void shouldFindWhatIsDangerousInACommand(
      String command, String path, Severity severity, String code) {
    String keys = command.contains("${params.x}") ? command + TEXT : command;

    assertFound(keys, path, severity, code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          isolation: none                                     | isolation              | WARNING | no-isolation
          network: host                                       | network                | NOTE    | open-network
          readable: [/srv/fonts, /etc/]                       | readable[1]            | WARNING | broad-readable
          environment: {API_TOKEN: s3cr3t}                    | environment.API_TOKEN  | ERROR   | secret
          environment: {K: AKIAABCDEFGHIJKLMNOP}              | environment.K          | ERROR   | secret
          worker: {protocol: bazel-json, command: [sh], sharing: anyone}     | worker.sharing         | NOTE    | shared-worker
          """)
  void shouldFindWhatAKeyGivesAway(String key, String path, Severity severity, String code) {
    assertFound("command: [sha256sum]\n" + key, path, severity, code);
  }

  @Test
  void shouldFindAVariableThatTheCallerFillsWithCode() {
    assertFound(
        "command: [bash, /dev/null]\nenvironment: {BASH_ENV: \"${params.x}\"}" + TEXT,
        "environment.BASH_ENV",
        Severity.ERROR,
        "code-variable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          command: [sh, -s]                       | stdin: required            | stdin
          command: [python3, -I, -]               | stdin: optional            | stdin
          command: [bash]                         | stdin: required            | stdin
          command: [python3, "${inputs.program}"] | inputs: {program: {}}      | inputs.program
          """)
  void shouldFindACallersScriptThatNobodyChecks(String command, String key, String path) {
    assertFound(command + "\n" + key, path, Severity.WARNING, "unchecked-script");

    String checked =
        key.startsWith("stdin") ? key + "\ncheck: shell" : key.replace("{}", "{check: python}");
    assertThat(codes(command + "\n" + checked)).doesNotContain("unchecked-script");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          command: [sha256sum]
          command: [sh, -c, 'printf %s "$1"', sh, "${params.x}"]
          command: [python3, -c, "import sys; print(sys.argv[1])", "${params.x}"]
          command: [ffmpeg, -i, "${inputs.f}", -t, "${params.x}"]
          command: [curl, --output, out, --, "https://example.org/${params.x}"]
          command: [cat, "/srv/reports/${params.x}.txt"]
          command: [awk, -v, "n=${params.x}", "{print n}"]
          """)
  void shouldFindNothingInWhatIsHarmless(String command) {
    String keys =
        (command.contains("params")
                ? command
                    + "\nparameters: {properties: {x: {type: string, pattern: '^[a-z]{1,9}$'}},"
                    + " required: [x]}"
                : command)
            + (command.contains("inputs") ? "\ninputs: {f: {}}" : "");

    assertThat(fixture.check.entry(CheckFixture.tool(keys))).isEmpty();
  }

  @Test
  void shouldTakeANumberForNoOption() {
    assertThat(
            codes(
                "command: [gzip, \"-${params.level}\"]\n"
                    + "parameters: {properties: {level: {type: integer}}, required: [level]}"))
        .isEmpty();
  }

  @Test
  void shouldSayTheLineOfAScriptThatACommandNames() throws IOException {
    Path shell = write("bad.sh", "#!/bin/bash\nset -e\nfor x in\ndo echo\n", "rwxr-xr-x");
    Path python = write("bad.py", "import json\n\nprint(eval(input()))\n", "rw-r--r--");
    Path good = write("good.sh", "#!/bin/sh\nset -eu\nprintf '%s\\n' \"$1\"\n", "rwxr-xr-x");

    List<Finding> inShell = findings("command: [" + shell + "]");
    List<Finding> inPython = findings("command: [python3, " + python + "]");

    assertThat(inShell)
        .isNotEmpty()
        .allMatch(found -> found.file().equals(shell.toString()))
        .anyMatch(found -> found.line() >= 3 && found.code().startsWith("SC1"));
    assertThat(inPython)
        .singleElement()
        .matches(found -> found.line() == 3 && found.code().equals("PY-eval"))
        .matches(found -> found.path().equals("command[1]"));
    assertThat(findings("command: [" + good + "]")).isEmpty();
  }

  @Test
  void shouldLetAnOperatorsCommentLeaveAFindingOut() throws IOException {
    Path script =
        write(
            "silenced.sh",
            "#!/bin/sh\n# shellcheck disable=SC2154,SC2086\necho $nowhere\n",
            "rwxr-xr-x");

    assertThat(findings("command: [" + script + "]")).isEmpty();
  }

  @Test
  void shouldFindFilesThatAnyoneMayChange() throws IOException {
    Path program = write("open-program", "x", "rwxr-xrwx");
    Path folder = Files.createDirectory(directory.resolve("open-folder"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path inside = write("open-folder/data.txt", "x", "rw-r--r--");

    assertFound("command: [" + program + "]", "command[0]", Severity.ERROR, "writable-by-all");
    assertFound("command: [cat, " + inside + "]", "command[1]", Severity.ERROR, "writable-by-all");
  }

  @Test
  void shouldFindASetUidProgram() throws IOException {
    Path program = write("set-uid-program", "x", "rwxr-xr-x");
    Files.setAttribute(program, "unix:mode", 0104755);

    assertFound("command: [" + program + "]", "command[0]", Severity.WARNING, "set-uid");
    assertFound(
        "command: [" + program + "]\nisolation: none", "command[0]", Severity.ERROR, "set-uid");
  }

  @Test
  void shouldMakeAToolUnavailableWhereThePolicyRefuses() throws IOException {
    ToolDefinition bad = CheckFixture.tool("command: [awk, \"${params.x}\"]" + TEXT);
    ToolDefinition good = CheckFixture.tool("command: [sha256sum]");
    try (CheckFixture strict =
        new CheckFixture(
            directory.resolve("strict"),
            s ->
                new CheckSettings(
                    s.scripts(),
                    Policy.REFUSE,
                    s.severity(),
                    s.shellcheck(),
                    s.python(),
                    s.searchPath(),
                    s.directory(),
                    s.mark(),
                    s.timeout(),
                    s.scriptSize(),
                    s.atOnce(),
                    s.waitingMax()))) {

      assertThat(strict.check.refusals(bad))
          .singleElement()
          .asString()
          .contains("refused by the static check", "command[1]", "interpreter-value");
      assertThat(strict.check.refusals(good)).isEmpty();
      assertThat(fixture.check.refusals(bad)).isEmpty();
    }
  }

  @Test
  void shouldRefuseAToolWhoseAnalyserIsNotHere() throws IOException {
    try (CheckFixture without =
        new CheckFixture(
            directory.resolve("without"),
            s ->
                new CheckSettings(
                    s.scripts(),
                    s.entries(),
                    s.severity(),
                    "no-shellcheck",
                    "no-python",
                    s.searchPath(),
                    s.directory(),
                    s.mark(),
                    s.timeout(),
                    ByteSize.parse("1MiB"),
                    s.atOnce(),
                    s.waitingMax()))) {
      ToolDefinition asks = CheckFixture.tool("command: [sh, -s]\nstdin: required\ncheck: shell");

      assertThat(without.check.refusals(asks))
          .singleElement()
          .asString()
          .contains("check: ", "no-shellcheck", "not installed");
      assertThat(without.check.refusals(CheckFixture.tool("command: [sh, -s]"))).isEmpty();
    }
  }

  private static void assertFound(String keys, String path, Severity severity, String code) {
    assertThat(findings(keys))
        .anySatisfy(
            found -> {
              assertThat(found.path()).isEqualTo(path);
              assertThat(found.severity()).isEqualTo(severity);
              assertThat(found.code()).isEqualTo(code);
              assertThat(found.advice()).isNotBlank();
            });
  }

  private static List<Finding> findings(String keys) {
    return fixture.check.entry(CheckFixture.tool(keys));
  }

  private static List<String> codes(String keys) {
    return findings(keys).stream().map(Finding::code).toList();
  }

  private static Path write(String name, String text, String rights) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    return file;
  }
}
