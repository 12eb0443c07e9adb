package dev.stoker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.executor.WorkDirectories.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoriesIT {
  @TempDir Path temporary;
  private Path root;
  private WorkDirectories directories;

  @BeforeEach
  void make() throws IOException {
    root = temporary.resolve("work");
    Files.createDirectories(root.resolve("left/behind"));
    Files.writeString(root.resolve("left/behind/file"), "x");
    directories = new WorkDirectories(root, 2);
  }

  @Test
  void shouldRemoveWhatAnEarlierLifeLeftAndKeepEmptyOnesReady() throws IOException {
    assertThat(names()).containsExactlyInAnyOrder("1", "2");
    assertThat(directories.take()).isPresent();
    assertThat(directories.take()).isPresent();
    assertThat(directories.take()).isEmpty();
  }

  @Test
  void shouldGiveAnUntouchedDirectoryAgain() {
    Directory directory = directories.take().orElseThrow();

    assertThat(directories.returnUntouched(directory, later(directory))).isTrue();
  }

  @Test
  void shouldNotTrustADirectoryThatWasMadeAMomentBefore() {
    Directory directory = directories.take().orElseThrow();

    assertThat(directories.returnUntouched(directory, directory.changed().toInstant())).isFalse();
  }

  @Test
  void shouldSeeThatAFileWasThereThoughTheTimeWasSetBack() throws IOException {
    Directory directory = directories.take().orElseThrow();
    FileTime before = Files.getLastModifiedTime(directory.path());
    awaitTick(directory);
    Files.delete(Files.writeString(directory.path().resolve("secret"), "x"));
    Files.setLastModifiedTime(directory.path(), before);

    assertThat(directories.returnUntouched(directory, later(directory))).isFalse();
  }

  @Test
  void shouldSeeThatTheRightsWereChanged() throws IOException {
    Directory directory = directories.take().orElseThrow();
    awaitTick(directory);
    Files.setPosixFilePermissions(directory.path(), PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(directories.returnUntouched(directory, later(directory))).isFalse();
  }

  @Test
  void shouldEmptyADirectoryWhateverItsRightsAndLinksAndKeepItsInode() throws IOException {
    Path outside = Files.writeString(temporary.resolve("outside"), "precious");
    Directory directory = directories.take().orElseThrow();
    Path locked = Files.createDirectories(directory.path().resolve("a/b/c"));
    Files.writeString(locked.resolve("file"), "x");
    Files.createSymbolicLink(directory.path().resolve("link"), outside);
    Files.createSymbolicLink(directory.path().resolve("up"), temporary);
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(directory.path(), PosixFilePermissions.fromString("r-xr-xr-x"));

    directories.recycle(directory);

    assertThat(directory.path()).isEmptyDirectory();
    assertThat(Directory.of(directory.path()).key()).isEqualTo(directory.key());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
        .isEqualTo("rwx------");
    assertThat(outside).hasContent("precious");
    assertThat(names()).hasSize(2);
  }

  @Test
  void shouldGiveUpADirectoryThatIsAnotherOneByNow() throws IOException {
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    Path precious = Files.writeString(outside.resolve("file"), "precious");
    Directory directory = directories.take().orElseThrow();
    Files.move(directory.path(), temporary.resolve("moved"));
    Files.createSymbolicLink(directory.path(), outside);

    directories.recycle(directory);

    assertThat(precious).hasContent("precious");
    assertThat(Files.exists(directory.path(), LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(names()).as("a fresh one took its place, of another number").hasSize(2);
  }

  @Test
  void shouldKeepNoMoreThanItMay() throws IOException {
    assertThat(directories.take()).isPresent();
    assertThat(directories.take()).isPresent();
    List<Directory> many = List.of(directories.make(), directories.make(), directories.make());

    many.forEach(directories::recycle);

    assertThat(many.get(2).path()).doesNotExist();
    assertThat(directories.take()).isPresent();
    assertThat(directories.take()).isPresent();
    assertThat(directories.take()).isEmpty();
  }

  /** A time at which a use may begin without a doubt. */
  private static Instant later(Directory directory) {
    return directory.changed().toInstant().plusSeconds(1);
  }

  /** Until a change would get another ctime than the directory has. */
  private void awaitTick(Directory directory) {
    await()
        .until(
            () -> {
              Path probe = Files.createTempFile(temporary, "tick", "");
              return Files.getLastModifiedTime(probe).compareTo(directory.changed()) > 0;
            });
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries.map(path -> path.getFileName().toString()).toList();
    }
  }
}
