package dev.stoker.function;

import dev.stoker.process.StdinSource;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/**
 * A run's standard input, streamed from where it is. Confined to the run's thread, which closes it.
 */
final class StandardInput extends FilterInputStream {
  private StandardInput(InputStream in) {
    super(in);
  }

  /**
   * Opens it.
   *
   * @throws IOException when it is a file that is not there, or is no regular file
   */
  static StandardInput open(StdinSource source) throws IOException {
    return new StandardInput(
        switch (source) {
          case StdinSource.Empty() -> InputStream.nullInputStream();
          case StdinSource.Bytes bytes -> new ByteArrayInputStream(bytes.bytes());
          case StdinSource.File file -> {
            if (Files.exists(file.path()) && !Files.isRegularFile(file.path())) {
              throw new IOException("its input is not a regular file");
            }
            yield Files.newInputStream(file.path());
          }
        });
  }

  /** At its end too there is something to read: the end. Whoever polls would wait for ever else. */
  @Override
  public int available() throws IOException {
    return Math.max(1, super.available());
  }
}
