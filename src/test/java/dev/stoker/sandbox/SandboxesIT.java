package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.run.ByteSize;
import dev.stoker.sandbox.BootProbe.Abi;
import dev.stoker.sandbox.Layer.State;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Concurrency;
import dev.stoker.tool.ToolDefinition.Disconnect;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Limits;
import dev.stoker.tool.ToolDefinition.Network;
import dev.stoker.tool.ToolDefinition.OnExceed;
import dev.stoker.tool.ToolDefinition.Resources;
import dev.stoker.tool.ToolDefinition.Retry;
import dev.stoker.tool.ToolDefinition.StdinMode;
import dev.stoker.tool.ToolDefinition.Timeout;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxesIT extends ConfinedFixture {
  @Test
  void shouldFindThatEveryLayerWorksHere() {
    try (Sandboxes sandboxes = Sandboxes.open(SETTINGS, runner, Cgroups.open(SETTINGS.cgroups()))) {
      assertThat(sandboxes.layers())
          .filteredOn(layer -> layer.state() != State.MISSING)
          .extracting(Layer::name)
          .contains("landlock", "no_new_privs", "seccomp", "confined process", "container");
      assertThat(sandboxes.refusals(tool(Isolation.CONFINED, Network.NONE))).isEmpty();
      assertThat(sandboxes.refusals(tool(Isolation.NONE, Network.HOST))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void shouldRefuseRatherThanRunWithoutALayer(int missing) {
    List<Layer> layers = new ArrayList<>();
    for (String name : List.of("landlock", "no_new_privs", "seccomp", "confined process")) {
      State state = layers.size() == missing ? State.MISSING : State.WORKS;
      layers.add(new Layer(name, state, "for the test"));
    }
    Containers none =
        new Containers(
            new SandboxSettings(List.of(), new Resources(null, null, null, null, null, null)),
            new ContainerProbe.Finding.Lacking("for the test"));
    try (Sandboxes sandboxes =
        new Sandboxes(
            runner,
            policies,
            none,
            layers,
            new Limiter(SETTINGS.defaults(), Cgroups.open(SETTINGS.cgroups()), true))) {
      assertThat(sandboxes.refusals(tool(Isolation.CONFINED, Network.NONE)))
          .containsExactly(
              "isolation: confined cannot be given by this node (%s: for the test); allowed here: none"
                  .formatted(layers.get(missing).name()));
      assertThat(sandboxes.refusals(tool(Isolation.NONE, Network.HOST))).isEmpty();
    }
  }

  @Test
  void shouldSayWhatAnOlderLandlockLacks() {
    assertThat(BootProbe.landlock(new Abi.Of(7)).state()).isEqualTo(State.WORKS);
    assertThat(BootProbe.landlock(new Abi.Of(4)))
        .isEqualTo(
            new Layer(
                "landlock", State.LIMITED, "ABI 4: signals but to the own group are refused"));
    assertThat(BootProbe.landlock(new Abi.Unknown("switched off")))
        .isEqualTo(new Layer("landlock", State.MISSING, "switched off"));
  }

  @Test
  void shouldRefuseWhereProcessesAreRunByTheJdk() {
    try (ProcessRunner portable =
            ProcessRunner.open(new ProcessSettings(1, ProcessSettings.EngineChoice.PORTABLE));
        Sandboxes sandboxes =
            Sandboxes.open(SETTINGS, portable, Cgroups.open(SETTINGS.cgroups()))) {
      assertThat(sandboxes.refusals(tool(Isolation.CONFINED, Network.NONE)))
          .containsExactly(
              "isolation: confined cannot be given by this node (landlock: ProcessBuilder cannot"
                  + " confine: as configured); allowed here: none");
      Heard heard = new Heard();
      portable.start(confined(cell(), "/bin/true"), heard);
      assertThat(heard.awaitEnd().failure().reason())
          .isEqualTo("cannot start '/bin/true': it cannot be confined here as its tool asks for");
    }
  }

  @Test
  void shouldSeeAProcessThatIsNotConfined() {
    Layer layer =
        new ConfinedProcess(runner)
            .layer(
                new dev.stoker.process.Confinement(
                    java.nio.file.Path.of("/"),
                    dev.stoker.process.Confinement.Privileges.DROPPED,
                    dev.stoker.process.Confinement.Session.CELL_GROUP,
                    null,
                    null));

    assertThat(layer.state()).isEqualTo(State.MISSING);
    assertThat(layer.words())
        .isEqualTo(
            "it can read /proc, it can write outside its directory, it can signal this process");
  }

  private static ToolDefinition tool(Isolation isolation, Network network) {
    return new ToolDefinition(
        "tool",
        "for the test",
        List.of("true"),
        new JsonObject(),
        Map.of(),
        Map.of(),
        StdinMode.NONE,
        Map.of(),
        new Timeout(Duration.ofSeconds(1), Duration.ofSeconds(1)),
        Duration.ofSeconds(1),
        new Concurrency(1, 0, 1),
        new Limits(new ByteSize(1), new ByteSize(1), OnExceed.KILL),
        isolation,
        network,
        List.of(),
        new Resources(null, null, null, null, null, null),
        null,
        null,
        null,
        null,
        null,
        new Retry(1, List.of()),
        Disconnect.CANCEL,
        false);
  }
}
