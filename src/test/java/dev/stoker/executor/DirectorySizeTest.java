package dev.stoker.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySizeTest {
  private static final long BLOCK = 4096;

  @TempDir Path directory;

  @Test
  void shouldCountAnEmptyDirectoryAsNothing() {
    assertThat(DirectorySize.measure(directory, Long.MAX_VALUE)).isZero();
    assertThat(DirectorySize.measure(directory.resolve("gone"), Long.MAX_VALUE)).isZero();
  }

  @Test
  void shouldCountEachFileByItsBlocksAndOneForItself() throws Exception {
    Files.createDirectories(directory.resolve("a/b"));
    Files.write(directory.resolve("a/b/one"), new byte[1]);
    Files.write(directory.resolve("two"), new byte[(int) BLOCK + 1]);
    Files.createFile(directory.resolve("empty"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("/usr"));

    // Two directories, the link, and three files.
    assertThat(DirectorySize.measure(directory, Long.MAX_VALUE))
        .isEqualTo((2 + 1 + 2 + 3 + 1) * BLOCK);
  }

  @Test
  void shouldStopLookingWhenItHasSeenEnough() throws Exception {
    for (int i = 0; i < 100; i++) {
      Files.createFile(directory.resolve("tiny-" + i));
    }

    assertThat(DirectorySize.measure(directory, 10 * BLOCK)).isEqualTo(11 * BLOCK);
  }
}
