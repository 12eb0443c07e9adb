package dev.stoker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Counts the lives of a node, in its data directory. */
final class Epoch {
  private static final String FILE = "epoch";

  private Epoch() {}

  /**
   * The number of this start, from 1, never given twice: it is on the disk when this returns. For
   * whoever holds the {@link DataLock}.
   *
   * @throws StartupException when it cannot be read or written
   */
  static long next(Path data) {
    Path file = data.resolve(FILE);
    try {
      long epoch = Files.exists(file) ? read(file) + 1 : 1;
      Path fresh = data.resolve(FILE + ".new");
      write(fresh, epoch + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force(data);
      return epoch;
    } catch (IOException e) {
      throw new StartupException("data: " + file + " cannot be written: " + e, e);
    }
  }

  private static long read(Path file) throws IOException {
    String text = Files.readString(file).strip();
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new StartupException(
          "data: "
              + file
              + " holds '"
              + text
              + "', not the number of this node's starts; write one that is higher than all before",
          e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** The rename too. */
  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
