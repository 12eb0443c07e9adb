package dev.stoker.blob;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** A store in a directory, with a clock that goes when it is told to. */
final class BlobFixture implements AutoCloseable {
  static final ByteSize MAX_SIZE = ByteSize.parse("64KiB");
  static final Duration MAX_AGE = Duration.ofHours(24);

  final Path directory;
  final Path work;
  final Vertx vertx = Vertx.vertx();
  final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  LocalBlobStore store;

  BlobFixture(Path directory) throws IOException {
    this.directory = directory.resolve("store");
    this.work = Files.createDirectories(directory.resolve("work"));
    this.store = open();
  }

  private LocalBlobStore open() throws IOException {
    return LocalBlobStore.open(vertx, new BlobSettings(directory, MAX_SIZE, MAX_AGE), now::get);
  }

  void reopen() throws IOException {
    store.close();
    store = open();
  }

  void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }

  Blob put(String content) {
    return put(content.getBytes(StandardCharsets.UTF_8));
  }

  Blob put(byte[] content) {
    BlobUpload upload = store.upload("body", ByteSize.parse("1GiB"));
    return await(upload.write(Buffer.buffer(content)).compose(written -> upload.finish()));
  }

  BlobStore.Swept sweep(Predicate<Digest> wanted) {
    return await(store.sweep(wanted));
  }

  Path workFile(String name, String content) throws IOException {
    return Files.writeString(work.resolve(name), content);
  }

  Path blobFile(Digest digest) {
    return directory
        .resolve("blobs")
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex().substring(2));
  }

  List<Path> uploads() {
    try (var files = Files.list(directory.resolve("uploads"))) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Digest digest(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("not within 30 s", e);
    }
  }

  @Override
  public void close() {
    store.close();
    await(vertx.close());
  }
}
