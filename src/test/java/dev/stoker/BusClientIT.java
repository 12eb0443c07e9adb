package dev.stoker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example client, as its README starts it, with a node of its own; each a JVM. */
@Tag("patient")
class BusClientIT {
  private static final Pattern WELCOME = Pattern.compile("serves (http://[^,]+),");

  @TempDir static Path directory;
  private static StokerProcess node;
  private static Path clusterFile;

  @BeforeAll
  static void start() throws Exception {
    // A name of their own, so that tests at the same time are strangers.
    clusterFile = directory.resolve("cluster.xml");
    Files.writeString(
        clusterFile,
        Files.readString(Path.of("cluster.xml"))
            .replace(
                "<cluster-name>stoker<",
                "<cluster-name>bus-client-" + ProcessHandle.current().pid() + "<"));
    StokerHome home =
        new StokerHome(directory.resolve("home"))
            .config("cluster: {file: " + clusterFile + "}")
            .script(
                "greet",
                "echo \"hello $1\"",
                "command: [@script@, '${params.name}']",
                "parameters: {properties: {name: {type: string, maxLength: 9}}, required: [name]}");
    node =
        StokerProcess.run(
            home,
            List.of(
                "serve",
                "--cluster",
                "--config",
                home.config().toString(),
                "--catalog",
                home.catalog().toString(),
                "--data",
                home.data().toString(),
                "--port",
                "0",
                "--management-port",
                "0"));
    await()
        .atMost(120, SECONDS)
        .failFast("it ended", () -> !node.isAlive())
        .until(() -> WELCOME.matcher(node.output()).find());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void shouldRunACommandAndPrintItsRun() throws Exception {
    Client client = client("run", "{\"tool\":\"greet\",\"params\":{\"name\":\"bus\"}}");

    assertThat(client.exit()).as(client.err()).isZero();
    JsonObject run = new JsonObject(client.lines().getLast());
    assertThat(run.getString("state")).isEqualTo("succeeded");
    assertThat(run.getJsonObject("stdout").getString("text")).isEqualTo("hello bus\n");
  }

  @Test
  void shouldSayWhyACommandIsRefused() throws Exception {
    Client client = client("run", "{\"tool\":\"greet\",\"params\":{\"name\":\"much too long\"}}");

    assertThat(client.exit()).isEqualTo(1);
    assertThat(client.err()).contains("2: the request is not what the tool allows: params.name");
  }

  @Test
  void shouldFollowTheStatesOfARun() throws Exception {
    Client client = client("follow", "{\"tool\":\"greet\",\"params\":{\"name\":\"states\"}}");

    assertThat(client.exit()).as(client.err()).isZero();
    assertThat(client.lines().getFirst()).startsWith("state ");
    assertThat(new JsonObject(client.lines().getLast()).getString("state")).isEqualTo("succeeded");
  }

  private record Client(int exit, List<String> lines, String err) {}

  private static Client client(String how, String command) throws Exception {
    Path out = Files.createTempFile(directory, "client", ".out");
    Path err = Files.createTempFile(directory, "client", ".err");
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Path.of("examples", "bus-client", "BusClient.java").toString()));
    line.addAll(List.of(clusterFile.toString(), how, command));
    Process process =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines =
        Files.readAllLines(out).stream()
            .filter(text -> text.startsWith("{") || text.startsWith("state "))
            .toList();
    return new Client(process.exitValue(), lines, Files.readString(err));
  }
}
