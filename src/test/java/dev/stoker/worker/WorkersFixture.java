package dev.stoker.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.ProcessTable;
import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StdinSource;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Principal;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Workers over a real process engine, and tools whose worker is a script of the test's. */
abstract class WorkersFixture {
  static final Principal ALICE = new Principal("alice");
  static final Principal BOB = new Principal("bob");

  @TempDir Path directory;
  ProcessRunner runner;
  Workers workers;
  private final AtomicInteger runs = new AtomicInteger();
  private final String node = "workers-" + ProcessHandle.current().pid() + "-" + System.nanoTime();

  @BeforeEach
  void open() throws IOException {
    runner = ProcessRunner.open(new ProcessSettings(4, EngineChoice.AUTO));
    workers = open(null);
  }

  /** Every test leaves nothing behind, whatever it did. */
  @AfterEach
  void close() throws IOException {
    workers.close();
    assertThat(living()).as("processes that are left when the workers are closed").isEmpty();
    assertThat(runner.active()).isZero();
    runner.close();
    assertThat(cells()).as("directories of workers that are left").isEmpty();
  }

  Workers open(@Nullable ByteSize memory) throws IOException {
    return Workers.open(new WorkerSettings(directory.resolve("workers"), memory), cold());
  }

  /** Starts the workers' processes. */
  Starter cold() {
    return (launch, listener) -> runner.start(launch.spec(), listener);
  }

  /** What the tools may ask for. */
  Abilities abilities() {
    return Abilities.bare();
  }

  /** Of the tools that this makes. */
  String isolation() {
    return "none";
  }

  List<String> cells() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("workers"))) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  /** Processes of this test's workers. */
  List<Long> living() {
    return ProcessTable.marks().entrySet().stream()
        .filter(entry -> entry.getValue().startsWith(node + "/"))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A tool named {@code t} whose worker is Python that has read {@link #helpers}. */
  Tool python(String script, String worker, String... keys) throws IOException {
    Path file = directory.resolve("worker.py");
    Files.writeString(file, helpers() + script.stripIndent());
    return tool("command: [python3, -u, " + file + "]" + worker, keys);
  }

  Tool tool(String worker, String... keys) {
    return fixed("command: [t, {each: params.words, then: [\"${item}\"]}]", worker, keys);
  }

  /** The same with a command of the test's. */
  Tool fixed(String command, String worker, String... keys) {
    String text =
        "name: t\nisolation: "
            + isolation()
            + "\n"
            + command
            + "\nparameters: {properties: {words: {type: array, items: {type: string}}}}\n"
            + "worker: {protocol: bazel-json, "
            + worker
            + "}\n"
            + String.join("\n", keys)
            + "\n";
    return Catalog.of(settings(), abilities(), Map.of("t.yaml", text)).tools().getFirst();
  }

  RunOfWorker run(Tool tool, String... words) throws IOException {
    return run(tool, ALICE, Flow.CONTINUE, words);
  }

  RunOfWorker run(Tool tool, Principal principal, String... words) throws IOException {
    return run(tool, principal, Flow.CONTINUE, words);
  }

  RunOfWorker run(Tool tool, Principal principal, Flow flow, String... words) throws IOException {
    return run(tool, runDirectory(), principal, flow, words);
  }

  Path runDirectory() throws IOException {
    return Files.createDirectories(directory.resolve("work").resolve("" + runs.incrementAndGet()));
  }

  RunOfWorker run(Tool tool, Path where, Principal principal, Flow flow, String... words) {
    Invocation invocation =
        tool.bind(
            tool.check(new JsonObject().put("words", new JsonArray(List.of(words)))), Set.of());
    if (!(tool.availability() instanceof Availability.Available(Path executable))) {
      throw new IllegalStateException("not available: " + tool.availability());
    }
    RunOfWorker run = new RunOfWorker(where, flow);
    run.is(
        workers.start(
            new Launch(
                tool,
                principal,
                new ProcessSpec(
                    node + "/" + where.getFileName(),
                    executable,
                    invocation.argv(),
                    invocation.environment(),
                    where,
                    new StdinSource.Empty(),
                    tool.definition().grace(),
                    Duration.ofMillis(250))),
            run));
    return run;
  }

  static void awaitGone(long pid) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) == false);
  }

  /** {@code requests()} yields them, {@code answer(…)} answers one. */
  private static String helpers() {
    return """
        import json, os, sys, time, signal
        def requests():
            for line in sys.stdin:
                yield json.loads(line)
        def answer(request, output, code=0, **more):
            sys.stdout.write(json.dumps(dict(
                requestId=request.get("requestId", 0), exitCode=code, output=output, **more)) + "\\n")
            sys.stdout.flush()
        """;
  }

  private CatalogSettings settings() {
    ByteSize mebibyte = ByteSize.parse("1MiB");
    return new CatalogSettings(
        directory,
        List.of(Path.of("/usr/bin"), Path.of("/bin")),
        Duration.ofSeconds(1),
        new Bound<>(Duration.ofSeconds(30), Duration.ofMinutes(10)),
        new Bound<>(Duration.ofMillis(300), Duration.ofSeconds(10)),
        new Bound<>(8, 100),
        new Bound<>(100, 1000),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(Duration.ofHours(1), Duration.ofDays(1)),
        CatalogSettings.Maxima.unbounded());
  }
}
