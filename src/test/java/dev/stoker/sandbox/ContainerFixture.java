package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.Recording;
import dev.stoker.process.StdinSource;
import dev.stoker.process.SyscallFilter;
import dev.stoker.run.ByteSize;
import dev.stoker.sandbox.SeccompFilter.Reach;
import dev.stoker.sandbox.SeccompFilter.Sockets;
import dev.stoker.tool.ToolDefinition.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Scripts run in real containers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ContainerFixture {
  private static final AtomicInteger LAST = new AtomicInteger();

  private static final List<Path> READABLE =
      Stream.of("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/passwd", "/etc/ld.so.cache")
          .map(Path::of)
          .toList();

  @TempDir Path data;
  Path work = Path.of("/");
  ProcessRunner runner;
  Bubblewrap bubblewrap;

  @BeforeAll
  void open() {
    runner = ProcessRunner.open(new ProcessSettings(4, EngineChoice.NATIVE));
    Path program = Path.of("/usr/bin/bwrap");
    assertThat(program).as("install Debian's package bubblewrap").isExecutable();
    bubblewrap = new Bubblewrap(program, false);
  }

  @AfterAll
  void close() {
    runner.close();
  }

  @BeforeEach
  void makeWorkDirectory() throws IOException {
    work = Files.createDirectories(data.resolve("work/" + LAST.incrementAndGet()));
  }

  static ContainerPolicy policy(Network network, Path... more) {
    PrivateRoot root = PrivateRoot.of(Stream.concat(READABLE.stream(), Stream.of(more)).toList());
    return new ContainerPolicy(root, network, ByteSize.parse("4MiB"), filter(network));
  }

  private static byte[] filter(Network network) {
    Sockets sockets = network == Network.NONE ? Sockets.NONE : Sockets.INTERNET;
    return new SeccompFilter(Machine.here(), Reach.OWN_NAMESPACES, sockets, 7)
        .program(new SyscallFilter.Holder(0, 0, 0));
  }

  ProcessSpec script(String script, String... arguments) {
    return script(Duration.ofSeconds(5), script, arguments);
  }

  ProcessSpec script(Duration grace, String script, String... arguments) {
    return new ProcessSpec(
        "container-test/" + ProcessHandle.current().pid() + "-" + LAST.incrementAndGet(),
        Path.of("/bin/sh"),
        Stream.concat(Stream.of("sh", "-c", script, "sh"), Stream.of(arguments)).toList(),
        Map.of("PATH", "/usr/bin:/bin", "HOME", work.toString(), "TMPDIR", work.toString()),
        work,
        new StdinSource.Empty(),
        grace,
        Duration.ofMillis(250));
  }

  /** Runs it to its end, without network. */
  Recording run(ProcessSpec spec) {
    return run(policy(Network.NONE), spec);
  }

  Recording run(ContainerPolicy policy, ProcessSpec spec) {
    Recording recording = new Recording();
    runner.start(bubblewrap.wrap(policy, spec), recording);
    return recording.awaitEnd();
  }
}
