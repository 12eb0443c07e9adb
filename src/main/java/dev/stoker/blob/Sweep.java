package dev.stoker.blob;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One walk over the store. Confined to the thread that runs it. */
final class Sweep {
  /** A blob just used may be referred to by a request that nobody has written down yet. */
  static final Duration SAFE_AGE = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final BlobFiles files;
  private final BlobUses uses;
  private final BlobSettings settings;
  private final Predicate<Digest> wanted;
  private final Instant now;
  private final Instant safe;

  private final List<Found> unwanted = new ArrayList<>();
  private long kept;
  private long keptBytes;
  private long removed;
  private long removedBytes;

  Sweep(BlobFiles files, BlobUses uses, BlobSettings settings, Predicate<Digest> wanted) {
    this.files = files;
    this.uses = uses;
    this.settings = settings;
    this.wanted = wanted;
    this.now = uses.now();
    Duration safeAge = settings.maxAge().compareTo(SAFE_AGE) < 0 ? settings.maxAge() : SAFE_AGE;
    this.safe = now.minus(safeAge);
  }

  private record Found(Digest digest, long bytes, Instant lastUsed, boolean intact) {}

  BlobStore.Swept run() throws IOException {
    try (DirectoryStream<Path> prefixes =
        Files.newDirectoryStream(files.blobs(), Files::isDirectory)) {
      for (Path prefix : prefixes) {
        try (DirectoryStream<Path> rest = Files.newDirectoryStream(prefix)) {
          for (Path file : rest) {
            look(prefix, file);
          }
        }
      }
    }
    Instant old = now.minus(settings.maxAge());
    unwanted.sort(Comparator.comparing(Found::lastUsed));
    for (Found blob : unwanted) {
      if (!blob.intact || blob.lastUsed.isBefore(old) || keptBytes > settings.maxSize().bytes()) {
        remove(blob);
      }
    }
    return new BlobStore.Swept(removed, removedBytes, kept, keptBytes);
  }

  private void look(Path prefix, Path file) throws IOException {
    Optional<Digest> name = digest(prefix.getFileName() + "" + file.getFileName());
    Optional<BasicFileAttributes> attributes = BlobFiles.stat(file);
    if (name.isEmpty() || attributes.isEmpty()) {
      return;
    }
    Digest digest = name.get();
    boolean intact = BlobFiles.isIntact(attributes.get());
    Instant lastUsed = lastUsed(digest, file, attributes.get());
    kept++;
    keptBytes += attributes.get().size();
    if (!intact || !wanted.test(digest)) {
      unwanted.add(new Found(digest, attributes.get().size(), lastUsed, intact));
    }
  }

  /** What memory or the disk knows; the disk is told what only memory knew. */
  private Instant lastUsed(Digest digest, Path file, BasicFileAttributes attributes)
      throws IOException {
    Instant onDisk = attributes.lastAccessTime().toInstant();
    Optional<BlobUses.Use> use = uses.get(digest);
    if (use.isEmpty() || use.get().links() > 0 || !BlobFiles.isIntact(attributes)) {
      return use.map(BlobUses.Use::at).filter(onDisk::isBefore).orElse(onDisk);
    }
    Instant used = use.get().at();
    if (used.isAfter(onDisk)) {
      Files.getFileAttributeView(file, BasicFileAttributeView.class)
          .setTimes(BlobFiles.WITNESS, FileTime.from(used), null);
      onDisk = used;
    }
    if (!used.isAfter(safe)) {
      uses.written(digest, use.get());
    }
    return onDisk;
  }

  private void remove(Found blob) throws IOException {
    Path[] away = new Path[1];
    try {
      uses.unlessUsed(blob.digest, safe, () -> away[0] = files.unname(blob.digest));
    } catch (NoSuchFileException gone) {
      LOG.debug("blob {} went away by itself", blob.digest);
    }
    if (away[0] != null) {
      Files.deleteIfExists(away[0]);
      kept--;
      keptBytes -= blob.bytes;
      removed++;
      removedBytes += blob.bytes;
    }
  }

  private static Optional<Digest> digest(String name) {
    try {
      return Optional.of(new Digest(name));
    } catch (IllegalArgumentException notOurs) {
      LOG.debug("{} is not a blob's name", name);
      return Optional.empty();
    }
  }
}
