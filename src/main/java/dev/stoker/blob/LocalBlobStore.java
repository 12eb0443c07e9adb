package dev.stoker.blob;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blobs in a local directory. Thread-safe; {@link BlobUses} has the locks. */
final class LocalBlobStore implements BlobStore {
  private static final Logger LOG = LoggerFactory.getLogger(LocalBlobStore.class);
  private static final int THREADS = 4;
  private static final Duration UPLOAD_IDLE_MAX = Duration.ofHours(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final BlobSettings settings;
  private final DirectoryLock lock;
  private final BlobFiles files;
  private final BlobUses uses;
  private final Adoption adoption = new Adoption(this);
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().name("stoker-blob-", 0).daemon().factory());
  private final Set<FileUpload> uploads = ConcurrentHashMap.newKeySet();
  private final Object sweeping = new Object();

  private LocalBlobStore(
      Vertx vertx, BlobSettings settings, DirectoryLock lock, InstantSource clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.lock = lock;
    this.files = new BlobFiles(settings.directory());
    this.uses = new BlobUses(clock);
  }

  static LocalBlobStore open(Vertx vertx, BlobSettings settings, InstantSource clock)
      throws IOException {
    DirectoryLock lock = DirectoryLock.take(settings.directory());
    LocalBlobStore store = new LocalBlobStore(vertx, settings, lock, clock);
    try {
      Files.createDirectories(store.files.blobs());
      Files.createDirectories(store.files.uploads());
      store.removeLeftOvers();
    } catch (IOException e) {
      store.close();
      throw new IOException(
          "the blobs' directory " + settings.directory() + " is of no use: " + e, e);
    }
    return store;
  }

  private void removeLeftOvers() throws IOException {
    List<Path> leftOvers;
    try (var all = Files.list(files.uploads())) {
      leftOvers = all.toList();
    }
    for (Path file : leftOvers) {
      Files.delete(file);
    }
    if (!leftOvers.isEmpty()) {
      LOG.info("removed {} uploads that were never ended", leftOvers.size());
    }
  }

  @Override
  public BlobUpload upload(String field, ByteSize max) {
    FileUpload upload =
        new FileUpload(
            this, vertx.getOrCreateContext(), field, max, new UploadFile(files.temporary()));
    uploads.add(upload);
    if (threads.isShutdown()) {
      upload.fail(closed());
    }
    return upload;
  }

  @Override
  public Optional<Blob> find(Digest digest) {
    // The use comes before the look: a sweep either has removed the blob by then or lets it be.
    BlobUses.Use touch = uses.touch(digest);
    try {
      Optional<Blob> blob = files.intact(digest).map(found -> new Blob(digest, found.size()));
      if (blob.isEmpty()) {
        uses.miss(digest, touch);
      }
      return blob;
    } catch (IOException e) {
      uses.miss(digest, touch);
      throw new ServiceException(ErrorCode.INTERNAL, digest + " cannot be looked at", e);
    }
  }

  @Override
  public Path path(Digest digest) {
    if (find(digest).isEmpty()) {
      throw notFound(digest);
    }
    return files.path(digest);
  }

  @Override
  public BlobLink link(Digest digest, Path target) throws IOException {
    uses.linked(digest);
    try {
      BasicFileAttributes found = files.intact(digest).orElseThrow(() -> notFound(digest));
      linkOrCopy(digest, target);
      return new FileLink(this, digest, target, found);
    } catch (IOException | ServiceException e) {
      uses.unlinked(digest);
      throw e;
    }
  }

  private void linkOrCopy(Digest digest, Path target) throws IOException {
    Path blob = files.path(digest);
    try {
      Files.createLink(target, blob);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException e) {
      // Another file system, too many links, or a kernel that lets only a file's owner link it.
      LOG.debug("{} is copied: {}", digest, e.toString());
      BlobFiles.copy(blob, target);
    }
  }

  @Override
  public Blob adopt(Path file) throws IOException {
    return adoption.adopt(file);
  }

  @Override
  public Future<Swept> sweep(Predicate<Digest> wanted) {
    Promise<Swept> swept = Promise.promise();
    var context = vertx.getOrCreateContext();
    try {
      threads.execute(
          () -> {
            try {
              Swept result = sweepNow(wanted);
              context.runOnContext(on -> swept.complete(result));
            } catch (IOException | UncheckedIOException | ServiceException e) {
              LOG.warn("the blobs in {} could not be swept", settings.directory(), e);
              context.runOnContext(on -> swept.fail(sweepFailed(e)));
            }
          });
    } catch (RejectedExecutionException e) {
      swept.fail(closed());
    }
    return swept.future();
  }

  private Swept sweepNow(Predicate<Digest> wanted) throws IOException {
    for (FileUpload upload : uploads) {
      if (upload.idleNanos() > UPLOAD_IDLE_MAX.toNanos()) {
        upload.fail(
            new ServiceException(
                ErrorCode.INVALID_REQUEST, "the upload had no content for an hour"));
      }
    }
    synchronized (sweeping) {
      return new Sweep(files, uses, settings, wanted).run();
    }
  }

  private static ServiceException sweepFailed(Exception e) {
    return new ServiceException(ErrorCode.INTERNAL, "the blobs could not be swept", e);
  }

  @Override
  public void close() {
    threads.shutdown();
    uploads.forEach(upload -> upload.fail(closed()));
    try {
      if (!threads.awaitTermination(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("uploads were still being written after {}", CLOSE_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lock.close();
  }

  static ServiceException closed() {
    return new ServiceException(ErrorCode.SHUTTING_DOWN, "this node takes no more content");
  }

  private static ServiceException notFound(Digest digest) {
    return new ServiceException(ErrorCode.BLOB_NOT_FOUND, "there is no blob " + digest);
  }

  /** Gives a sealed file its digest's name, for good. */
  void place(Path sealed, Blob blob) throws IOException {
    uses.placing(blob.digest(), () -> files.place(sealed, blob.digest(), blob.bytes()));
    files.syncName(blob.digest());
  }

  /** Removes a blob that somebody wrote to. */
  boolean removeTampered(Digest digest) throws IOException {
    @Nullable Path[] away = new Path[1];
    uses.alone(
        digest,
        () -> {
          if (Files.exists(files.path(digest)) && files.intact(digest).isEmpty()) {
            away[0] = files.unname(digest);
          }
        });
    Path removed = away[0];
    return removed != null && Files.deleteIfExists(removed);
  }

  void ended(FileUpload upload) {
    uploads.remove(upload);
  }

  Executor threads() {
    return threads;
  }

  BlobFiles files() {
    return files;
  }

  BlobUses uses() {
    return uses;
  }
}
