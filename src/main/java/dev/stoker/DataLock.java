package dev.stoker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a data directory to one Stoker. The kernel drops the lock with the process that holds it.
 */
final class DataLock implements AutoCloseable {
  private final FileChannel channel;

  private DataLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the directory, making it first.
   *
   * @throws StartupException when another Stoker has it, or it cannot be written
   */
  static DataLock take(Path data) {
    if (Files.exists(data) && !Files.isDirectory(data)) {
      throw new StartupException("data: " + data + " is not a directory");
    }
    try {
      Files.createDirectories(data);
      FileChannel channel =
          FileChannel.open(
              data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new StartupException(
            "data: " + data + " is in use by another Stoker; give this one its own with --data");
      }
      return new DataLock(channel);
    } catch (IOException e) {
      throw new StartupException("data: " + data + " cannot be used: " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("cannot release the data directory", e);
    }
  }
}
