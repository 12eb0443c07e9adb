package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.Http;
import dev.stoker.StokerHome;
import dev.stoker.nemesis.Network.Direction;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That what the other tests cut is cut, and that nothing of it stays. */
class NamespacesIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofSeconds(1);

  @TempDir Path directory;

  @Test
  void shouldCutAndHealAndRemoveEverything() {
    StokerHome home = new StokerHome(directory).script("hi", "echo hi");
    try (TestCluster cluster = TestCluster.of(2, home).lone().slots(2).withNamespaces().start();
        Http near = new Http(cluster.node(0).address(), SHORT);
        Http far = new Http(cluster.node(1).address(), SHORT)) {
      assertThat(near.run("hi").run().stdout()).isEqualTo("hi\n");
      cluster.cut(0);
      assertThatThrownBy(() -> near.run("hi")).isInstanceOf(UncheckedIOException.class);
      assertThat(far.run("hi").status()).isEqualTo(200);
      cluster.heal(0);
      await().atMost(SOON).until(() -> answers(near));
      for (Direction direction : Direction.values()) {
        cluster.cutOneWay(0, direction);
        assertThatThrownBy(() -> near.run("hi")).isInstanceOf(UncheckedIOException.class);
        cluster.heal(0);
        await().atMost(SOON).until(() -> answers(near));
      }
      cluster.pause(1);
      assertThatThrownBy(() -> far.run("hi")).isInstanceOf(UncheckedIOException.class);
      cluster.resume(1);
      await().atMost(SOON).until(() -> answers(far));
    }
    String pid = "stoker-" + ProcessHandle.current().pid() + "-";
    assertThat(Shell.run("ip", "netns", "list")).doesNotContain(pid);
  }

  @Test
  void shouldHaveADatabaseThatNodesReach() throws Exception {
    try (Network network = Namespaces.of(1);
        Database database = new Database(network.hub());
        Connection connection = database.connect();
        Statement statement = connection.createStatement();
        var found = statement.executeQuery("SELECT 41 + 1")) {
      assertThat(found.next()).isTrue();
      assertThat(found.getInt(1)).isEqualTo(42);
      String port = database.url().replaceAll(".*:(\\d+)/.*", "$1");
      // The node's own way to it: a shell that opens a connection there.
      String[] there =
          java.util.stream.Stream.concat(
                  network.prefix(0).stream(),
                  java.util.stream.Stream.of(
                      "bash", "-c", "exec 3<>/dev/tcp/" + network.hub() + "/" + port))
              .toArray(String[]::new);
      assertThat(Shell.run(there)).isEmpty();
    }
  }

  private static boolean answers(Http http) {
    try {
      return http.run("hi").status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
