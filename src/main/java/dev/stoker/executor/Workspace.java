package dev.stoker.executor;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.executor.WorkDirectories.Directory;
import dev.stoker.peer.Peers;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.Outcome;
import dev.stoker.sandbox.Starter;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's private directory with its input files in it, while the run lives. Confined to the
 * executor's context; one call at a time; what blocks is done on the disk threads.
 */
final class Workspace {
  private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

  private final WorkDirectories directories;
  private final WorkerExecutor disk;
  private final BlobStore blobs;
  private final Peers peers;
  private final Collector collector;
  private final Starter starter;
  private final Execute order;
  private final boolean hasFiles;
  private final @Nullable ByteSize diskMax;
  private @Nullable Directory directory;
  private Instant openedAt = Instant.MAX;

  /** What the inputs take: not the tool's doing. Written by a disk thread before it is read. */
  private volatile long inputBytes;

  /** Without a limit where the tool asks for none. */
  Workspace(
      WorkDirectories directories,
      WorkerExecutor disk,
      BlobStore blobs,
      Peers peers,
      Starter starter,
      Execute order) {
    this(directories, disk, blobs, peers, starter, order, null);
  }

  Workspace(
      WorkDirectories directories,
      WorkerExecutor disk,
      BlobStore blobs,
      Peers peers,
      Starter starter,
      Execute order,
      @Nullable ByteSize diskDefault) {
    this.blobs = blobs;
    this.peers = peers;
    this.directories = directories;
    this.disk = disk;
    this.starter = starter;
    this.order = order;
    ByteSize asked = order.tool().definition().resources().disk();
    this.diskMax = asked == null ? diskDefault : asked;
    this.collector = new Collector(blobs, order.tool().definition(), order.invocation());
    this.hasFiles =
        !order.invocation().inputs().isEmpty() || !order.invocation().outputs().isEmpty();
  }

  /** Makes it. Succeeds at once when nothing has to be waited for. */
  Future<Path> open() {
    List<Digest> missing =
        order.order().command().blobs().filter(blob -> blobs.find(blob).isEmpty()).toList();
    return missing.isEmpty() ? make() : Future.join(fetch(missing)).compose(all -> make());
  }

  private List<Future<Optional<Blob>>> fetch(List<Digest> missing) {
    String home = order.order().home().name();
    return missing.stream().map(blob -> peers.obtain(blob, home)).toList();
  }

  private Future<Path> make() {
    openedAt = Instant.now();
    Optional<Directory> ready = reserve().or(directories::take);
    if (ready.isPresent() && !hasFiles) {
      directory = ready.get();
      return Future.succeededFuture(ready.get().path());
    }
    return disk.executeBlocking(() -> fill(ready), false)
        .onSuccess(made -> directory = made)
        .map(Directory::path);
  }

  /** Whether what it holds is limited. */
  boolean isLimited() {
    return diskMax != null;
  }

  /**
   * The outcome of a run whose work directory, with the files that have lost their names, holds
   * more than it may; null while it does not. May be called while another call is under way.
   *
   * @param unnamedBytes of the run's process; blocks
   */
  Future<@Nullable Outcome> look(LongSupplier unnamedBytes) {
    Directory from = directory;
    return from == null
        ? Future.succeededFuture(null)
        : disk.executeBlocking(() -> overfull(from.path(), unnamedBytes), false);
  }

  private @Nullable Outcome overfull(Path used, LongSupplier unnamedBytes) {
    if (diskMax == null) {
      return null;
    }
    long most = diskMax.bytes() + inputBytes;
    long named = DirectorySize.measure(used, most);
    return named > most || named + unnamedBytes.getAsLong() > most
        ? new Outcome.OutputLimit(
            "its work directory exceeded limits.disk, which allows " + diskMax)
        : null;
  }

  /** One in which a sandbox waits for this run. */
  private Optional<Directory> reserve() {
    Optional<Path> reserved =
        starter.reserve(order.tool(), order.invocation(), order.command().stdin());
    return reserved.flatMap(
        path -> {
          try {
            return Optional.of(Directory.of(path));
          } catch (IOException e) {
            LOG.error("the work directory {} of a sandbox that waits is gone", path, e);
            starter.release(path, () -> {});
            return Optional.empty();
          }
        });
  }

  /** Takes the declared files out; {@code wanted} says whether the run has succeeded so far. */
  Future<Collector.Found> collect(boolean wanted) {
    Directory from = directory;
    if (!hasFiles || from == null) {
      return Future.succeededFuture(Collector.Found.NOTHING);
    }
    return disk.executeBlocking(
        () -> {
          Outcome overfull = wanted ? overfull(from.path(), () -> 0) : null;
          Collector.Found found = collector.bringOut(from.path(), wanted && overfull == null);
          return overfull == null ? found : new Collector.Found(found.files(), overfull);
        },
        false);
  }

  /** Removes it, soon. Idempotent. */
  void close() {
    Directory used = directory;
    directory = null;
    if (used != null) {
      starter.release(used.path(), () -> giveBack(used));
    }
  }

  /** By any thread. */
  private void giveBack(Directory used) {
    if (hasFiles || !directories.returnUntouched(used, openedAt)) {
      disk.executeBlocking(() -> clean(used), false)
          .onFailure(e -> LOG.error("cannot clean the work directory {}", used.path(), e));
    }
  }

  private @Nullable Void clean(Directory used) {
    collector.release();
    directories.recycle(used);
    return null;
  }

  /** Blocks. A directory that cannot be filled is not left behind. */
  private Directory fill(Optional<Directory> ready) throws IOException {
    Directory made = ready.isPresent() ? ready.get() : directories.make();
    try {
      collector.bringIn(made.path(), order.command().inputs());
      inputBytes = DirectorySize.measure(made.path(), Long.MAX_VALUE);
      return made;
    } catch (IOException | RuntimeException e) {
      starter.release(made.path(), () -> giveBack(made));
      throw e;
    }
  }
}
