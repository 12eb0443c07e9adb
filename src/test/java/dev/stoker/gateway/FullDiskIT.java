package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node on a real disk that fills up. Needs the right to mount one. */
class FullDiskIT {
  @TempDir private Path directory;
  private Path disk;
  private HttpNode node;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()) == 0,
        "no right to mount");
    node = new HttpNode(disk);
  }

  @AfterEach
  void unmount() throws Exception {
    if (node != null) {
      node.close();
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void shouldNotBlameTheToolForAFullDisk() throws Exception {
    HttpResponse<String> response =
        node.run("shell", "{\"params\":{\"script\":\"head -c 12000000 /dev/zero; sleep 50\"}}");

    JsonObject run = HttpNode.json(response);
    assertThat(run.getString("state")).as(response.body()).isEqualTo("failed");
    assertThat(response.body()).contains("its output cannot be stored: the disk is full or broken");
  }

  @Test
  void shouldAnswerThatTheStorageIsFull() throws Exception {
    HttpResponse<String> response =
        node.send(
            node.request("/v1/blobs")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[8 << 20])));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(507);
    assertThat(HttpNode.json(response).getString("type"))
        .isEqualTo("urn:stoker:problem:storage-full");
    assertThat(response.headers().firstValue("Retry-After")).contains("60");
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
