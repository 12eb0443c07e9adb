package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mistake of the operator is one line that says where and what is allowed, and exit code 2. */
@Tag("patient")
class CommandLineIT {
  @TempDir private Path directory;
  private StokerHome home;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void makeHome() {
    home = new StokerHome(directory).script("hello", "echo hello");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http: {prot: 1}                  | http.prot               | port
          nodes: {slots: 1}                | nodes                   | node
          http: {port: 70000}              | http.port               | 65535
          node: {slots: many}              | node.slots              | number
          node: {drain: 5 parsecs}         | node.drain              | ms, s, m, h or d
          limits: {stdout: {default: 2GiB}}| limits.stdout.default   | 1GiB
          process: {engine: magic}         | process.engine          | native
          http: [                          | stoker.yaml             | stoker.yaml
          """)
  void shouldSayWhatIsWrongInTheConfiguration(String text, String path, String allowed) {
    home.config(text);

    assertMistake(serve()).contains(path).contains(allowed).contains("stoker.yaml");
  }

  @Test
  void shouldSayThatTheConfigurationIsNotThere() throws IOException {
    Files.delete(home.config());

    assertMistake(serve()).contains(home.config().toString());
  }

  @Test
  void shouldSayThatTheConfigurationIsADirectory() throws IOException {
    Files.delete(home.config());
    Files.createDirectory(home.config());

    assertMistake(serve()).contains(home.config().toString());
  }

  @ParameterizedTest
  @CsvSource({"--port,http.port", "--management-port,management.port"})
  void shouldSayThatThePortIsInUse(String option, String key) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertMistake(serve(option, port)).contains(key).contains(port).contains("in use");
    }
  }

  @Test
  void shouldSayThatThereIsNoCatalog() {
    Path nowhere = directory.resolve("nowhere");

    assertMistake(serve("--catalog", nowhere.toString()))
        .contains(nowhere.toString())
        .contains("directory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          timeout: {default: 9h}          | timeout.default  | 1h
          limit: {stdout: 1MiB}           | limit            | limits
          command: [./relative]           | command          | absolute path
          network: none                   |                  |
          """)
  void shouldSayWhatIsWrongInTheCatalog(String line, String path, String allowed) {
    String[] command =
        line.startsWith("command") ? new String[] {line} : new String[] {"command: [echo]", line};
    List<String> lines = new ArrayList<>(List.of("name: wrong"));
    lines.addAll(List.of(command));
    if (!line.startsWith("isolation")) {
      lines.add("isolation: none");
    }
    home.tool(lines.toArray(String[]::new));
    if (path == null) {
      // Not a mistake: what is not given here makes the tool unavailable, and is said.
      Ended ended = run("tools", "--catalog", home.catalog().toString());
      assertThat(ended.code()).isZero();
      assertThat(ended.out()).containsPattern("wrong +unavailable").contains("network");
      return;
    }

    assertMistake(serve()).contains("wrong.yaml").contains(path).contains(allowed);
    Ended ended = run("tools", "--catalog", home.catalog().toString());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out()).contains("wrong.yaml: " + path).contains("hello");
  }

  @Test
  void shouldSayWhatIsDangerousInTheCatalog() {
    home.tool(
        "name: danger",
        "description: Runs what it is told",
        "command:",
        "  - awk",
        "  - '${params.program}'",
        "parameters: {properties: {program: {type: string}}, required: [program]}");
    home.script("broken", "if");

    Ended ended = run("tools", "check", "--catalog", home.catalog().toString());

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out())
        .contains("danger.yaml:5: command[1]: error interpreter-value")
        .contains(home.script("broken") + ":")
        .contains("error SC1")
        .containsPattern("3 tools: \\d+ errors");
  }

  @Test
  void shouldSayWhatThisMachineCannotIsolate() {
    // The portable engine can restrict nothing: each probe fails, and what needs it is refused.
    home.config("process: {engine: portable}");
    home.tool("name: asks", "command: [sha256sum]");
    String[] here = {"--config", home.config().toString(), "--catalog", home.catalog().toString()};

    Ended check = run("tools", "check", here[0], here[1], here[2], here[3]);
    Ended list = run("tools", here[0], here[1], here[2], here[3]);

    assertThat(check.out())
        .contains("this machine can give: none")
        .containsPattern("landlock +missing +\\S+");
    assertThat(list.out()).containsPattern("asks +unavailable").contains("landlock");
  }

  @Test
  void shouldSayThatNothingIsDangerous() {
    home.tool("name: fine", "command: [sha256sum]");

    Ended ended = run("tools", "check", "--catalog", home.catalog().toString());

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("2 tools: 0 errors, 1 warnings");
  }

  @Test
  void shouldSayThatTheDataDirectoryIsInUse() {
    try (StokerProcess first = home.start()) {
      assertMistake(serve()).contains(home.data().toString()).contains("in use");
      assertThat(first.isAlive()).isTrue();
    }
  }

  @Test
  void shouldSayThatTheDataDirectoryIsAFile() throws IOException {
    Files.writeString(home.data(), "");

    assertMistake(serve()).contains(home.data().toString());
  }

  @Test
  void shouldSayThatAnOptionIsUnknown() {
    Ended ended = run("serve", "--prot", "1");

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("--prot").doesNotContain("\tat ");
  }

  @Test
  void shouldListTheCatalogWithoutAServer() {
    home.tool("name: gone", "command: [no-such-program]", "isolation: none");

    Ended ended = run("tools", "--catalog", home.catalog().toString());

    assertThat(ended.code()).isZero();
    assertThat(ended.out())
        .containsPattern("hello +available")
        .containsPattern("gone +unavailable")
        .contains("no-such-program");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void shouldExplainItself() {
    assertThat(run("--help").out()).contains("serve").contains("tools");
    assertThat(run("serve", "--help").out())
        .contains("--config", "--catalog", "--data", "--port", "--management-port");
    Ended version = run("--version");
    assertThat(version.code()).isZero();
    assertThat(version.out()).matches("stoker \\S+\n");
  }

  @Test
  void shouldRunFromAnyDirectory() {
    Path launcher =
        Path.of(System.getProperty("stoker.home", ".")).toAbsolutePath().resolve("bin/stoker");
    ProcessBuilder builder =
        new ProcessBuilder(launcher.toString(), "tools").directory(directory.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    try (StokerProcess stoker =
        StokerProcess.launch(builder, directory.resolve("out"), directory.resolve("err"))) {
      assertThat(stoker.exitCode()).describedAs("%s", stoker.errors()).isZero();
      assertThat(stoker.output()).containsPattern("transcode +available");
    }
  }

  /** Given later, an option counts more. */
  private Ended serve(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("serve", "--config", home.config().toString()));
    List<String> given = List.of(more);
    addUnlessGiven(arguments, given, "--catalog", home.catalog().toString());
    addUnlessGiven(arguments, given, "--data", home.data().toString());
    if (!home.config().toFile().isFile() || !text(home.config()).contains("port")) {
      addUnlessGiven(arguments, given, "--port", "0");
    }
    addUnlessGiven(arguments, given, "--management-port", "0");
    arguments.addAll(given);
    return run(arguments.toArray(String[]::new));
  }

  private static void addUnlessGiven(
      List<String> arguments, List<String> given, String option, String value) {
    if (!given.contains(option)) {
      arguments.add(option);
      arguments.add(value);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Ended run(String... arguments) {
    try (StokerProcess stoker = StokerProcess.run(home, List.of(arguments))) {
      return new Ended(stoker.exitCode(), stoker.output(), stoker.errors());
    }
  }

  private static org.assertj.core.api.AbstractStringAssert<?> assertMistake(Ended ended) {
    assertThat(ended.code()).describedAs(ended.toString()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines().toList())
        .describedAs("one line, not: %s", ended.err())
        .hasSize(1);
    assertThat(ended.err()).doesNotContain("Exception");
    return assertThat(ended.err());
  }
}
