package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.Recording;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Exit;
import dev.stoker.run.Principal;
import dev.stoker.sandbox.ContainerProbe.Finding;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.TestSettings;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tools that ask for a container, on a node as it is. */
class ContainerSandboxIT extends ContainerFixture {
  private static final SandboxSettings SETTINGS =
      new SandboxSettings(
          Stream.of("/usr", "/bin", "/lib", "/lib64").map(Path::of).toList(),
          new Resources(null, null, null, null, null, null),
          new CgroupSettings(new CgroupSettings.Choice.Off(), "none"),
          ByteSize.parse("1MiB"),
          0,
          ByteSize.parse("1MiB"));

  @Test
  void shouldRunAToolInAContainerThatLeavesBubblewrapWithoutPowers() throws Exception {
    Path config = Files.writeString(data.resolve("config"), "configured");
    Path other = Files.writeString(data.resolve("other"), "not for it");
    try (Sandboxes sandboxes = Sandboxes.open(SETTINGS, runner, Cgroups.open(SETTINGS.cgroups()))) {
      assertThat(sandboxes.layers())
          .contains(new Layer("container", Layer.State.WORKS, "/usr/bin/bwrap"));
      Tool tool = tool(sandboxes, "readable: [%s]".formatted(config));
      assertThat(tool.availability()).isInstanceOf(Availability.Available.class);
      Recording run = new Recording();

      sandboxes.start(
          new Launch(
              tool,
              Principal.ANONYMOUS,
              script(
                  """
                  cat $1; echo; cat $2; id -u; head -c 2000000 /dev/zero > /tmp/x
                  sleep 1
                  """,
                  config.toString(),
                  other.toString())),
          run);
      run.awaitStarted();
      String status = Files.readString(Path.of("/proc/" + run.pid() + "/status"));
      run.awaitEnd();

      assertThat(run.stdout()).isEqualTo("configured\n65534\n");
      assertThat(run.stderr()).contains("No such file", "No space left");
      assertThat(run.exit()).isEqualTo(new Exit.Code(0));
      assertThat(status).contains("NoNewPrivs:\t1");
      assertThat(status.lines().filter(line -> line.startsWith("CapEff:")).toList())
          .containsAnyOf("CapEff:\t0000000080000000", "CapEff:\t0000000000000000");
    }
  }

  @Test
  void shouldRefuseAToolWithTheWordsOfTheProbe() {
    Policies policies = new Policies(SETTINGS, 7);
    Containers none =
        new Containers(SETTINGS, new Finding.Lacking("user namespaces cannot be made here: no"));
    try (Sandboxes sandboxes =
        new Sandboxes(
            runner,
            policies,
            none,
            List.of(),
            new Limiter(SETTINGS.defaults(), Cgroups.open(SETTINGS.cgroups()), true))) {
      Tool tool = tool(sandboxes, "");

      assertThat(tool.availability())
          .isEqualTo(
              new Availability.Unavailable(
                  "isolation: container cannot be given by this node (user namespaces cannot be"
                      + " made here: no); allowed here: confined, none"));
    }
  }

  private static Tool tool(Sandboxes sandboxes, String more) {
    String file =
        """
        description: for a test
        command: [sh]
        isolation: container
        network: none
        %s
        """
            .formatted(more);
    return Catalog.of(
            TestSettings.in(Path.of("/nowhere")),
            sandboxes,
            Map.of("boxed.yaml", "name: boxed\n" + file))
        .find("boxed")
        .orElseThrow();
  }
}
