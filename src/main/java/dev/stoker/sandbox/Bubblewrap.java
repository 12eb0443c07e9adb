package dev.stoker.sandbox;

import dev.stoker.process.Confinement;
import dev.stoker.process.Confinement.Privileges;
import dev.stoker.process.Confinement.Session;
import dev.stoker.process.Inherited;
import dev.stoker.process.ProcessSpec;
import dev.stoker.tool.ToolDefinition.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts programs into containers that bubblewrap makes. Immutable, and without any effect of its
 * own.
 *
 * <p>Source: bwrap(1) of 0.8.0 and 0.9.0.
 *
 * @param program where bubblewrap is
 * @param namesPrograms whether it can give a program another name than its path's, as it can from
 *     0.9.0 on; else a program's name is its path
 */
record Bubblewrap(Path program, boolean namesPrograms) {
  /**
   * Where a run finds its work directory, whatever that is called outside: a container that waits
   * for its run does not know yet.
   */
  static final Path WORK = Path.of("/run/work");

  /** {@code nobody}, as it is called nearly everywhere. */
  private static final String NOBODY = "65534";

  private static final int FIRST_INHERITED = 3;

  /**
   * The spec of a bubblewrap that runs {@code spec}'s program in a container of its own. The
   * program's directory, and every argument and variable that is it or lies in it, are {@link
   * #WORK} there. A spec that inherits descriptors keeps them, under the same numbers.
   */
  ProcessSpec wrap(ContainerPolicy policy, ProcessSpec spec) {
    List<Inherited> inherited = new ArrayList<>(spec.inherited());
    inherited.add(new Inherited.Bytes(policy.filter()));
    inherited.add(new Inherited.BubblewrapReport());
    int report = FIRST_INHERITED + inherited.size() - 1;

    List<String> argv = new ArrayList<>(List.of("bwrap"));
    namespaces(argv, policy.network());
    root(argv, policy, spec);
    argv.addAll(List.of("--bind", spec.directory().toString(), WORK.toString()));
    // To the kernel its user is still Stoker's: as root it could write to what is below /proc/sys.
    argv.addAll(List.of("--remount-ro", "/proc"));
    argv.addAll(List.of("--remount-ro", "/", "--chdir", WORK.toString()));
    argv.addAll(List.of("--seccomp", Integer.toString(report - 1)));
    argv.addAll(List.of("--json-status-fd", Integer.toString(report)));
    program(argv, spec);
    return new ProcessSpec(
        spec.mark(),
        program,
        argv,
        environment(spec),
        spec.directory(),
        spec.stdin(),
        spec.grace(),
        spec.drain(),
        inherited,
        confinement(spec.directory()),
        spec.limits());
  }

  /** What bubblewrap itself may do: as little as it takes to make namespaces. */
  static Confinement confinement(Path cell) {
    return new Confinement(cell, Privileges.MAPPING, Session.OWN_SESSION, null, null);
  }

  private static void namespaces(List<String> argv, Network network) {
    argv.addAll(List.of("--unshare-user", "--disable-userns", "--uid", NOBODY, "--gid", NOBODY));
    argv.addAll(List.of("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"));
    argv.addAll(List.of("--hostname", "container", "--cap-drop", "ALL"));
    // The session is what TERM is sent to, and the death what ends all that is left.
    argv.addAll(List.of("--new-session", "--die-with-parent"));
    if (network == Network.NONE) {
      argv.add("--unshare-net");
    }
  }

  /** The order matters: what comes later lies on top. */
  private static void root(List<String> argv, ContainerPolicy policy, ProcessSpec spec) {
    String bytes = Long.toString(policy.temporary().bytes());
    argv.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
    argv.addAll(List.of("--size", bytes, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"));
    argv.addAll(List.of("--size", bytes, "--tmpfs", "/tmp"));
    for (Path path : policy.root().bindings()) {
      argv.addAll(List.of("--ro-bind-try", path.toString(), path.toString()));
    }
    for (PrivateRoot.Link link : policy.root().links()) {
      argv.addAll(List.of("--symlink", link.target().toString(), link.path().toString()));
    }
    String executable = spec.executable().toString();
    if (!policy.root().shows(spec.executable())) {
      argv.addAll(List.of("--ro-bind", executable, executable));
    }
  }

  private void program(List<String> argv, ProcessSpec spec) {
    String executable = spec.executable().toString();
    List<String> inside = spec.argv().stream().map(text -> inside(text, spec)).toList();
    if (namesPrograms) {
      argv.addAll(List.of("--argv0", inside.getFirst()));
    }
    argv.addAll(List.of("--", executable));
    argv.addAll(inside.subList(1, inside.size()));
  }

  private static Map<String, String> environment(ProcessSpec spec) {
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.replaceAll((name, value) -> inside(value, spec));
    return environment;
  }

  /** Where a path outside is found inside; every other text is as it was. */
  private static String inside(String text, ProcessSpec spec) {
    String outside = spec.directory().toString();
    boolean lies = text.startsWith(outside + "/") || text.equals(outside);
    return lies ? WORK + text.substring(outside.length()) : text;
  }
}
