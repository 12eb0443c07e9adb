package dev.stoker.blob;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a file that a tool made into a blob. Thread-safe. */
final class Adoption {
  private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
  private static final int READ_BYTES = 64 * 1024;

  private final LocalBlobStore store;

  Adoption(LocalBlobStore store) {
    this.store = store;
  }

  Blob adopt(Path file) throws IOException {
    BasicFileAttributes attributes =
        BlobFiles.stat(file)
            .orElseThrow(() -> new IOException(file.getFileName() + " does not exist"));
    if (!attributes.isRegularFile()) {
      throw new IOException(file.getFileName() + " is not a regular file but " + kind(attributes));
    }
    Path temporary = store.files().temporary();
    try {
      Blob blob =
          onlyName(file) && moved(file, temporary)
              ? sealed(temporary)
              : copied(file, attributes, temporary);
      store.place(temporary, blob);
      return blob;
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      LOG.warn("{} could not be stored", file, e);
      throw new IOException(
          file.getFileName() + " could not be stored: " + DiskFault.explain(e).getMessage(), e);
    }
  }

  private static String kind(BasicFileAttributes attributes) {
    if (attributes.isSymbolicLink()) {
      return "a symbolic link";
    }
    return attributes.isDirectory() ? "a directory" : "a pipe, socket or device";
  }

  /** A file with two names may be an input's link, or be written to through the other later. */
  private static boolean onlyName(Path file) throws IOException {
    return Objects.equals(1, Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
  }

  private static boolean moved(Path file, Path temporary) throws IOException {
    try {
      Files.move(file, temporary, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      if (BlobFiles.isElsewhere(e)) {
        return false;
      }
      throw e;
    }
  }

  private Blob sealed(Path temporary) throws IOException {
    // A tool may leave its output without a right to read it.
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("r--------"));
    try (FileChannel from =
        FileChannel.open(temporary, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      MessageDigest sha256 = Digest.newSha256();
      long bytes = read(from, part -> sha256.update(part));
      BlobFiles.seal(temporary, from, store.uses().now());
      return new Blob(Digest.from(sha256), bytes);
    }
  }

  private Blob copied(Path file, BasicFileAttributes seen, Path temporary) throws IOException {
    UploadFile copy = new UploadFile(temporary);
    try (FileChannel from =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      BasicFileAttributes opened =
          BlobFiles.stat(file).orElseThrow(() -> new IOException("it is gone"));
      if (!Objects.equals(opened.fileKey(), seen.fileKey())) {
        throw new IOException("it was replaced while it was read");
      }
      read(
          from,
          part -> {
            byte[] content = new byte[part.remaining()];
            part.get(content);
            copy.write(content);
          });
      return copy.seal(store.uses().now());
    } catch (IOException e) {
      copy.discard();
      throw e;
    }
  }

  private static long read(FileChannel from, PartConsumer to) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(READ_BYTES);
    long bytes = 0;
    while (from.read(part) >= 0) {
      part.flip();
      bytes += part.remaining();
      to.accept(part);
      part.clear();
    }
    return bytes;
  }

  @FunctionalInterface
  private interface PartConsumer {
    void accept(ByteBuffer part) throws IOException;
  }
}
