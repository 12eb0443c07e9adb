package dev.stoker.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.Recording;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Principal;
import dev.stoker.run.Stdin;
import dev.stoker.sandbox.Cells;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.SandboxSettings;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.TestSettings;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Real sandboxes that wait for the runs of real tools. */
abstract class WarmFixture implements Cells {
  private static final AtomicInteger LAST = new AtomicInteger();

  final String prefix = "warm-test-" + ProcessHandle.current().pid() + "-" + LAST.incrementAndGet();
  final Set<Path> cells = ConcurrentHashMap.newKeySet();

  @TempDir Path data;
  Path tools = Path.of("/");
  ProcessRunner runner;
  Sandboxes sandboxes;
  Catalog catalog;
  WarmSandboxes warm;

  @BeforeEach
  void open() throws IOException {
    tools = Files.createDirectory(data.resolve("tools"));
    Files.createDirectory(data.resolve("work"));
    runner = ProcessRunner.open(new ProcessSettings(4, EngineChoice.NATIVE));
    sandboxes =
        Sandboxes.open(
            new SandboxSettings(
                Stream.of("/usr", "/bin", "/lib", "/lib64").map(Path::of).toList(),
                new Resources(null, null, null, null, null, null)),
            runner,
            Cgroups.open(new CgroupSettings(new CgroupSettings.Choice.Off(), "none")));
    catalog = Catalog.open(TestSettings.in(tools), sandboxes);
    warm = openWarm(256L << 20);
  }

  final WarmSandboxes openWarm(long memoryBytesMax) {
    WarmSandboxes opened =
        WarmSandboxes.open(
            new WarmSettings(8, memoryBytesMax, Duration.ofMillis(250)),
            catalog,
            sandboxes,
            prefix + "/");
    opened.prepare(this);
    return opened;
  }

  @AfterEach
  void close() {
    warm.close();
    catalog.close();
    sandboxes.close();
    runner.close();
  }

  @Override
  public Path make() throws IOException {
    Path cell = Files.createDirectory(data.resolve("work/" + LAST.incrementAndGet()));
    cells.add(cell);
    return cell;
  }

  @Override
  public void recycle(Path cell) {
    cells.remove(cell);
  }

  /** A tool that runs shell scripts, with two sandboxes that wait, when they do. */
  Tool tool(String isolation) throws IOException {
    Tool tool = tool(isolation, "[sh]", "{warm: 2}");
    awaitReady(2);
    return tool;
  }

  Tool tool(String isolation, String command, String pool) throws IOException {
    Path file = tools.resolve("warmed.yaml");
    Path written =
        Files.writeString(
            data.resolve("next.yaml"),
            """
            name: warmed
            description: for a test
            command: %s
            isolation: %s
            network: none
            pool: %s
            """
                .formatted(command, isolation, pool));
    long generation = catalog.generation();
    Files.move(written, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    await().until(() -> catalog.generation() > generation);
    Tool tool = catalog.find("warmed").orElseThrow();
    assertThat(tool.availability()).isInstanceOf(Availability.Available.class);
    return tool;
  }

  void awaitReady(int count) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertThat(warm.counts().ready()).isEqualTo(count));
  }

  /** A run that was started. */
  record Started(Path cell, RunningProcess process, Recording heard) {}

  Started start(Tool tool, StdinSource stdin, String script, String... arguments)
      throws IOException {
    Invocation invocation = invocation(script, arguments);
    Optional<Path> reserved = warm.reserve(tool, invocation, new Stdin.None());
    return start(tool, reserved.isPresent() ? reserved.get() : make(), invocation, stdin);
  }

  Started start(Tool tool, Path cell, Invocation invocation, StdinSource stdin) {
    Map<String, String> environment = new HashMap<>(invocation.environment());
    environment.put("HOME", cell.toString());
    environment.put("TMPDIR", cell.toString());
    Path program =
        tool.availability() instanceof Availability.Available(Path found) ? found : Path.of("/");
    ProcessSpec spec =
        new ProcessSpec(
            prefix + "/run-" + LAST.incrementAndGet(),
            program,
            invocation.argv(),
            environment,
            cell,
            stdin,
            Duration.ofMillis(400),
            Duration.ofMillis(250));
    Recording heard = new Recording();
    RunningProcess process = warm.start(new Launch(tool, Principal.ANONYMOUS, spec), heard);
    return new Started(cell, process, heard);
  }

  static Invocation invocation(String script, String... arguments) {
    List<String> argv = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    argv.addAll(List.of(arguments));
    return new Invocation(
        argv, Map.of("PATH", "/usr/bin:/bin", "SPACED", "a  b'c"), Map.of(), Map.of());
  }

  Recording run(Tool tool, String script, String... arguments) throws IOException {
    return start(tool, new StdinSource.Empty(), script, arguments).heard().awaitEnd();
  }

  /** The processes of this test that live. */
  List<ProcessHandle> alive() {
    return ProcessHandle.allProcesses().filter(this::isMarked).toList();
  }

  private boolean isMarked(ProcessHandle process) {
    try {
      return Files.readString(
              Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1)
          .contains("STOKER_RUN=" + prefix + "/");
    } catch (IOException e) {
      return false;
    }
  }
}
