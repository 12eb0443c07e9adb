package dev.stoker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Counts the starts on a data directory. Stateless; the directory's lock must be held. */
final class Life {
  private Life() {}

  /** The number of this start, from 1; on the disk when it returns. Blocks. */
  static long begin(Path data) throws IOException {
    Path file = data.resolve("epoch");
    long epoch = 1;
    if (Files.exists(file)) {
      try {
        epoch = Long.parseLong(Files.readString(file).strip()) + 1;
      } catch (NumberFormatException e) {
        throw new IOException(file + " does not hold a number", e);
      }
    }
    Path next = data.resolve("epoch.next");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer text = ByteBuffer.wrap((epoch + "\n").getBytes(StandardCharsets.UTF_8));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    return epoch;
  }
}
