package dev.stoker.peer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobSettings;
import dev.stoker.blob.BlobStore;
import dev.stoker.blob.BlobUpload;
import dev.stoker.output.OutputSettings;
import dev.stoker.output.Outputs;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** A node: its stores in a directory of its own, and its peers. */
final class PeerNode implements AutoCloseable {
  static final int MEMORY = 1024;
  static final int WINDOW = 4096;

  final NodeId id;
  final Vertx vertx;
  final Presence presence;
  final BlobStore blobs;
  final Outputs outputs;
  final Peers peers;
  private final Path directory;

  PeerNode(Vertx vertx, Presence presence, String name, Path directory) throws IOException {
    this.id = new NodeId(name, System.nanoTime());
    this.vertx = vertx;
    this.presence = presence;
    this.directory = directory.resolve(name);
    blobs =
        BlobStore.open(
            vertx,
            new BlobSettings(
                this.directory.resolve("blobs"), new ByteSize(1L << 33), Duration.ofHours(1)));
    outputs =
        new Outputs(
            vertx,
            new OutputSettings(
                this.directory.resolve("spool"), new ByteSize(MEMORY), new ByteSize(WINDOW)),
            blobs);
    peers = Peers.over(vertx, presence.join(id), blobs, outputs);
  }

  /** Waits until each hears the others: that one listens reaches the rest a moment later. */
  static void awaitHearing(PeerNode... all) {
    for (PeerNode asking : all) {
      for (PeerNode asked : all) {
        Awaitility.await()
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(5))
            .untilAsserted(
                () ->
                    assertThatThrownBy(
                            () ->
                                await(
                                    asking
                                        .vertx
                                        .eventBus()
                                        .request(Asker.address(asked.id), new JsonObject())))
                        .hasMessageContaining("no question"));
      }
    }
  }

  Blob put(byte[] content) {
    BlobUpload upload = blobs.upload("body", ByteSize.parse("1GiB"));
    return await(upload.write(Buffer.buffer(content)).compose(written -> upload.finish()));
  }

  /** Other content of the same size, and nothing to be seen of it from outside. */
  void corrupt(Digest digest) throws IOException {
    Path file = blobs.path(digest);
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    Files.getFileAttributeView(file, BasicFileAttributeView.class)
        .setTimes(FileTime.from(Instant.parse("2000-01-01T00:00:00Z")), null, null);
  }

  byte[] content(Digest digest) throws IOException {
    return Files.readAllBytes(blobs.path(digest));
  }

  /** Files that are on their way in. */
  List<Path> uploads() throws IOException {
    try (var files = Files.list(directory.resolve("blobs").resolve("uploads"))) {
      return files.toList();
    }
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("not within 60 s", e);
    }
  }

  @Override
  public void close() {
    presence.leave(id);
    peers.close();
    blobs.close();
  }
}
