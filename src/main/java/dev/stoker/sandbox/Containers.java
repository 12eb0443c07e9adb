package dev.stoker.sandbox;

import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.SyscallFilter;
import dev.stoker.run.Digest;
import dev.stoker.sandbox.ContainerProbe.Finding;
import dev.stoker.sandbox.Layer.State;
import dev.stoker.sandbox.SeccompFilter.Reach;
import dev.stoker.sandbox.SeccompFilter.Sockets;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The containers of a node: whether there are any, and what each tool's looks like. Thread-safe:
 * what a tool may read is looked up once a second, and is one immutable value.
 */
final class Containers {
  static final String LAYER = "container";

  private static final List<Path> PROGRAMS =
      List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/local/bin"));
  private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Tools come and go, and each has one entry. */
  private static final int KNOWN_MAX = 10_000;

  /** No Landlock is below it that lacks a right: the private root does what Landlock would. */
  private static final int ALL_RIGHTS = 7;

  private final SandboxSettings settings;
  private final Finding finding;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  private record Known(long atNanos, Digest tool, PrivateRoot root) {}

  Containers(SandboxSettings settings, Finding finding) {
    this.settings = settings;
    this.finding = finding;
  }

  /** Looks whether bubblewrap works here. Blocks for some ten milliseconds. */
  static Containers open(SandboxSettings settings, ProcessRunner runner) {
    return new Containers(settings, new ContainerProbe(new BubblewrapTrial(runner)).look(PROGRAMS));
  }

  Layer layer() {
    return switch (finding) {
      case Finding.Works(Bubblewrap bubblewrap) ->
          new Layer(LAYER, State.WORKS, bubblewrap.program().toString());
      case Finding.Lacking(String why) -> new Layer(LAYER, State.MISSING, why);
    };
  }

  /** Why there are none. */
  Optional<String> missing() {
    return finding instanceof Finding.Lacking(String why) ? Optional.of(why) : Optional.empty();
  }

  /**
   * The spec of a run in a container.
   *
   * @throws IllegalStateException where there are none
   */
  ProcessSpec wrap(Tool tool, ProcessSpec spec) {
    return switch (finding) {
      case Finding.Lacking(String why) ->
          throw new IllegalStateException(spec.mark() + " cannot have a container: " + why);
      case Finding.Works(Bubblewrap bubblewrap) -> bubblewrap.wrap(policy(tool), spec);
    };
  }

  private ContainerPolicy policy(Tool tool) {
    Network network = tool.definition().network();
    Sockets sockets = network == Network.NONE ? Sockets.NONE : Sockets.INTERNET;
    SyscallFilter filter =
        new SeccompFilter(Machine.here(), Reach.OWN_NAMESPACES, sockets, ALL_RIGHTS);
    return new ContainerPolicy(
        root(tool),
        network,
        settings.temporary(),
        filter.program(new SyscallFilter.Holder(0, 0, 0)));
  }

  private PrivateRoot root(Tool tool) {
    Known last = known.get(tool.name());
    long now = System.nanoTime();
    if (last != null && last.tool.equals(tool.digest()) && now - last.atNanos <= KNOWN_NANOS) {
      return last.root;
    }
    if (known.size() >= KNOWN_MAX) {
      known.clear();
    }
    PrivateRoot root = PrivateRoot.of(readable(tool));
    known.put(tool.name(), new Known(now, tool.digest(), root));
    return root;
  }

  private List<Path> readable(Tool tool) {
    ToolDefinition definition = tool.definition();
    List<Path> paths = new ArrayList<>(settings.readable());
    definition.readable().forEach(path -> paths.add(Path.of(path)));
    paths.addAll(Policies.fixedArguments(definition));
    if (tool.availability() instanceof Availability.Available(Path program)) {
      paths.add(program);
    }
    return paths;
  }
}
