package dev.stoker.blob;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blob's second name. Thread-safe. */
final class FileLink implements BlobLink {
  private static final Logger LOG = LoggerFactory.getLogger(FileLink.class);

  private final LocalBlobStore store;
  private final Digest digest;
  private final Path target;
  private final BasicFileAttributes linked;
  private final AtomicBoolean closed = new AtomicBoolean();

  FileLink(LocalBlobStore store, Digest digest, Path target, BasicFileAttributes linked) {
    this.store = store;
    this.digest = digest;
    this.target = target;
    this.linked = linked;
  }

  @Override
  public boolean intact() {
    try {
      // Another inode means that another link's user was found to have written to this one.
      return store
          .files()
          .intact(digest)
          .filter(now -> Objects.equals(now.fileKey(), linked.fileKey()))
          .filter(now -> now.size() == linked.size())
          .isPresent();
    } catch (IOException e) {
      LOG.warn("the blob {} cannot be looked at", digest, e);
      return false;
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      if (!intact() && store.removeTampered(digest)) {
        LOG.warn("the blob {} was written to through {} and is removed", digest, target);
      }
      Files.deleteIfExists(target);
    } catch (IOException e) {
      LOG.warn("the link {} to blob {} could not be removed", target, digest, e);
    } finally {
      store.uses().unlinked(digest);
    }
  }
}
