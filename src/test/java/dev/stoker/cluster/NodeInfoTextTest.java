package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cluster.NodeInfo.LayerMark;
import dev.stoker.cluster.NodeInfo.ToolMark;
import dev.stoker.run.NodeId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a node tells of itself, on its way to the others. */
class NodeInfoTextTest {
  private static final NodeInfo INFO =
      new NodeInfo(
          new NodeId("a", 3),
          "1.0",
          "127.0.0.1:8080",
          Instant.EPOCH,
          8,
          false,
          "posix_spawn",
          List.of("confined", "none"),
          List.of(
              new LayerMark("landlock", "works", "ABI 7"),
              new LayerMark("memory", "missing", "no cgroup")),
          Map.of("echo", new ToolMark("d", "e")));

  @Test
  void shouldArriveAsItWasSent() {
    assertThat(NodeInfoText.read(NodeInfoText.write(INFO))).isEqualTo(INFO);
  }

  @Test
  void shouldReadANodeThatSaysNothingOfItsLayers() {
    JsonObject earlier = new JsonObject(NodeInfoText.write(INFO));
    earlier.remove("layers");

    assertThat(NodeInfoText.read(earlier.encode()).layers()).isEmpty();
  }
}
