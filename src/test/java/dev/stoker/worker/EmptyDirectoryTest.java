package dev.stoker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmptyDirectoryTest {
  @TempDir Path temporary;

  /** What may be done to a directory. */
  enum Touch {
    FILE {
      @Override
      void touch(Path directory) throws IOException {
        Files.createFile(directory.resolve("a"));
      }
    },
    FILE_THAT_IS_GONE {
      @Override
      void touch(Path directory) throws IOException {
        Files.delete(Files.createFile(directory.resolve("a")));
      }
    },
    RIGHTS {
      @Override
      void touch(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
      }
    },
    TIMES_SET_BACK {
      @Override
      void touch(Path directory) throws IOException {
        FileTime before = Files.getLastModifiedTime(directory);
        Files.createFile(directory.resolve("a"));
        Files.setLastModifiedTime(directory, before);
      }
    },
    GONE {
      @Override
      void touch(Path directory) throws IOException {
        Files.delete(directory);
      }
    },
    ANOTHER {
      @Override
      void touch(Path directory) throws IOException {
        Files.move(directory, directory.resolveSibling("moved"));
        Files.createDirectory(directory);
      }
    },
    LINK {
      @Override
      void touch(Path directory) throws IOException {
        Path moved = Files.move(directory, directory.resolveSibling("moved"));
        Files.createSymbolicLink(directory, moved);
      }
    };

    abstract void touch(Path directory) throws IOException;
  }

  private EmptyDirectory make() throws IOException {
    return EmptyDirectory.of(Files.createDirectory(temporary.resolve("d")));
  }

  @Test
  void shouldStayUntouchedWhenItIsOnlyLookedAt() throws IOException {
    EmptyDirectory directory = make();

    try (var entries = Files.list(directory.path())) {
      assertThat(entries).isEmpty();
    }

    assertThat(directory.isUntouched()).isTrue();
    assertThat(directory.name()).isEqualTo("d");
  }

  @ParameterizedTest
  @EnumSource
  void shouldShowWhatIsDoneToItAfterAWhile(Touch touch) throws IOException {
    EmptyDirectory directory = make();
    while (!directory.tellsFrom(Instant.now())) {
      Thread.onSpinWait();
    }

    touch.touch(directory.path());

    assertThat(directory.isUntouched()).isFalse();
  }

  @Test
  void shouldTellNothingSoonAfterAChange() throws IOException {
    EmptyDirectory directory = make();
    Instant changed = directory.changed().toInstant();

    assertThat(directory.tellsFrom(changed)).isFalse();
    assertThat(directory.tellsFrom(changed.plus(Duration.ofMillis(100)))).isFalse();
    assertThat(directory.tellsFrom(changed.plus(Duration.ofMillis(101)))).isTrue();
  }
}
