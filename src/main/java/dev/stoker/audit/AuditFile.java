package dev.stoker.audit;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines, appended to a file that only its owner may read; a new one is begun when it is full or
 * old, and the oldest are removed. Confined to one thread at a time.
 */
final class AuditFile implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final AuditSettings settings;
  private FileChannel channel;
  private long bytes;
  private Instant begun;
  private Instant fullAt = Instant.EPOCH;

  private AuditFile(AuditSettings settings) throws IOException {
    this.settings = settings;
    Files.createDirectories(settings.file().toAbsolutePath().getParent());
    this.channel = channel();
    this.bytes = channel.size();
    this.begun = begun();
    endTornLine();
  }

  /** Opens the file, or makes it. What an earlier life left half written becomes a line. */
  static AuditFile open(AuditSettings settings) throws IOException {
    return new AuditFile(settings);
  }

  private FileChannel channel() throws IOException {
    return FileChannel.open(
        settings.file(),
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.READ,
            LinkOption.NOFOLLOW_LINKS),
        OWNER_ONLY);
  }

  private Instant begun() throws IOException {
    return bytes == 0
        ? Instant.now()
        : Files.readAttributes(settings.file(), BasicFileAttributes.class)
            .creationTime()
            .toInstant();
  }

  private void endTornLine() throws IOException {
    if (bytes > 0) {
      ByteBuffer last = ByteBuffer.allocate(1);
      channel.read(last, bytes - 1);
      if (last.get(0) != '\n') {
        write(ByteBuffer.wrap(new byte[] {'\n'}));
      }
    }
  }

  /** Appends lines that fit into one file, all of them or none. */
  void append(ByteBuffer lines) throws IOException {
    if (bytes > 0
        && (bytes + lines.remaining() > settings.maxSize().bytes()
            || Instant.now().isAfter(begun.plus(settings.maxAge())))) {
      rotate();
    }
    write(lines);
  }

  private void write(ByteBuffer lines) throws IOException {
    long at = bytes;
    try {
      while (lines.hasRemaining()) {
        at += channel.write(lines, at);
      }
      bytes = at;
    } catch (IOException e) {
      channel.truncate(bytes);
      throw e;
    }
  }

  /** What fails half way is gone on with at the next try. */
  private void rotate() throws IOException {
    channel.force(true);
    // Gone where an earlier try could not make the new one, or somebody has moved it.
    if (Files.exists(settings.file(), LinkOption.NOFOLLOW_LINKS)) {
      Files.move(settings.file(), free());
    }
    FileChannel old = channel;
    FileChannel next = channel();
    bytes = next.size();
    channel = next;
    begun = Instant.now();
    tidy(old);
  }

  /** The new file is in use: nothing here may lose what is to be written to it. */
  private void tidy(FileChannel old) {
    try (old) {
      prune();
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("old files beside {} cannot be removed", settings.file(), e);
    }
  }

  /** Two may be full within a millisecond; their names are in their order all the same. */
  private Path free() {
    Instant next = fullAt.plusMillis(1);
    Instant now = Instant.now();
    fullAt = now.isAfter(next) ? now : next;
    Path path = settings.file().resolveSibling(name(fullAt));
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? free() : path;
  }

  private String name(Instant at) {
    return stem() + "-" + STAMP.format(at) + ending();
  }

  private String stem() {
    String name = settings.file().getFileName().toString();
    return name.substring(0, name.length() - ending().length());
  }

  private String ending() {
    String name = settings.file().getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot <= 0 ? "" : name.substring(dot);
  }

  private void prune() throws IOException {
    String prefix = stem() + "-";
    int length = name(Instant.EPOCH).length();
    List<Path> full;
    try (Stream<Path> files = Files.list(settings.file().toAbsolutePath().getParent())) {
      full =
          files
              .filter(
                  file -> {
                    String name = file.getFileName().toString();
                    return name.length() == length
                        && name.startsWith(prefix)
                        && name.endsWith(ending());
                  })
              .sorted()
              .toList();
    }
    for (Path oldest : full.subList(0, Math.max(0, full.size() - settings.keep()))) {
      remove(oldest);
    }
  }

  /** One that stays does not keep the others. */
  private static void remove(Path oldest) {
    try {
      Files.deleteIfExists(oldest);
    } catch (IOException e) {
      LOG.warn("the old file {} cannot be removed", oldest, e);
    }
  }

  /** Forces what was written to the disk. */
  void sync() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
