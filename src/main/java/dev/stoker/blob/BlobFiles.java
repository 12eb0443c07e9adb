package dev.stoker.blob;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Where the files are, and how one becomes a blob. Thread-safe; it has no state but the disk's.
 *
 * <pre>
 *   directory/uploads/…         on their way in or out; nothing here outlives a start
 *   directory/blobs/ab/cdef…    mode 0444, modification time {@link #WITNESS}
 * </pre>
 *
 * A blob's modification time is a constant, so whoever writes into one through any of its names
 * gives himself away, also after a restart. Its access time says when it was last used.
 */
final class BlobFiles {
  /** The modification time of every blob. */
  static final FileTime WITNESS = FileTime.from(Instant.parse("2000-01-01T00:00:00Z"));

  private static final Set<PosixFilePermission> READ_ONLY =
      PosixFilePermissions.fromString("r--r--r--");
  private static final int PREFIX_LENGTH = 2;

  private final Path blobs;
  private final Path uploads;

  BlobFiles(Path directory) {
    this.blobs = directory.resolve("blobs");
    this.uploads = directory.resolve("uploads");
  }

  Path blobs() {
    return blobs;
  }

  Path uploads() {
    return uploads;
  }

  /** Where a blob of this digest is or would be. */
  Path path(Digest digest) {
    return directory(digest).resolve(digest.hex().substring(PREFIX_LENGTH));
  }

  private Path directory(Digest digest) {
    return blobs.resolve(digest.hex().substring(0, PREFIX_LENGTH));
  }

  /** A name nobody has used, for a file on its way in or out. */
  Path temporary() {
    return uploads.resolve(UUID.randomUUID().toString());
  }

  /** The blob's attributes; empty when it is missing or somebody has written to it. */
  Optional<BasicFileAttributes> intact(Digest digest) throws IOException {
    return stat(path(digest)).filter(BlobFiles::isIntact);
  }

  static boolean isIntact(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime().equals(WITNESS) && attributes.isRegularFile();
  }

  static Optional<BasicFileAttributes> stat(Path file) throws IOException {
    try {
      return Optional.of(
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
  }

  /**
   * Gives a file a blob's mode and times and waits until all of it is on the disk. The modification
   * time too must be there before the name is: without it a blob counts as tampered with.
   */
  static void seal(Path file, FileChannel channel, Instant now) throws IOException {
    Files.setPosixFilePermissions(file, READ_ONLY);
    Files.getFileAttributeView(file, BasicFileAttributeView.class)
        .setTimes(WITNESS, FileTime.from(now), null);
    channel.force(true);
  }

  /** Moves a sealed file to its digest's name, unless an intact one is there. */
  void place(Path sealed, Digest digest, long bytes) throws IOException {
    if (intact(digest).filter(there -> there.size() == bytes).isPresent()) {
      Files.delete(sealed);
      return;
    }
    Path target = path(digest);
    try {
      Files.move(sealed, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException noDirectory) {
      Files.createDirectories(directory(digest));
      Files.move(sealed, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Waits until the name that {@link #place} gave is on the disk. */
  void syncName(Digest digest) throws IOException {
    sync(directory(digest));
    sync(blobs);
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Takes a blob's name away; the file is under the returned one until it is deleted. */
  Path unname(Digest digest) throws IOException {
    Path away = temporary();
    Files.move(path(digest), away, StandardCopyOption.ATOMIC_MOVE);
    return away;
  }

  /** A read-only copy, or nothing. */
  static void copy(Path blob, Path target) throws IOException {
    try {
      Files.copy(blob, target);
      Files.setPosixFilePermissions(target, READ_ONLY);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      Files.deleteIfExists(target);
      throw e;
    }
  }

  /** Whether a move between two places failed because they are on two file systems. */
  static boolean isElsewhere(IOException failure) {
    return failure instanceof AtomicMoveNotSupportedException;
  }
}
