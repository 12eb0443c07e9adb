package dev.stoker.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlobAdoptIT {
  @TempDir private Path directory;
  private BlobFixture blobs;

  @BeforeEach
  void open() throws IOException {
    blobs = new BlobFixture(directory);
  }

  @AfterEach
  void close() {
    blobs.close();
  }

  @Test
  void shouldMoveAFileIntoTheStore() throws IOException {
    Path file = blobs.workFile("out.avi", "output");
    Object inode = Files.getAttribute(file, "unix:ino");

    Blob blob = blobs.store.adopt(file);

    assertThat(blob).isEqualTo(new Blob(BlobFixture.digest("output"), 6));
    assertThat(file).doesNotExist();
    assertThat(Files.getAttribute(blobs.blobFile(blob.digest()), "unix:ino")).isEqualTo(inode);
    assertThat(Files.getPosixFilePermissions(blobs.blobFile(blob.digest())))
        .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
    assertThat(blobs.uploads()).isEmpty();
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldCopyAFileThatHasAnotherName() throws IOException {
    Path file = blobs.workFile("out", "output");
    Path another = Files.createLink(blobs.work.resolve("another"), file);

    Blob blob = blobs.store.adopt(file);
    Files.writeString(another, "OUTPUT");

    assertThat(blobs.blobFile(blob.digest())).hasContent("output");
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldTakeALinkedInputForAnOutputAndLeaveItsBlobAlone() throws IOException {
    Blob input = blobs.put("same");
    Path target = blobs.work.resolve("in");
    try (BlobLink link = blobs.store.link(input.digest(), target)) {
      assertThat(blobs.store.adopt(target)).isEqualTo(input);
      assertThat(link.intact()).isTrue();
    }
    assertThat(blobs.store.find(input.digest())).contains(input);
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void shouldCopyAFileOfAnotherFileSystem() throws IOException {
    Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "stoker");
    Path file = Files.writeString(elsewhere.resolve("out"), "output");
    try {
      Blob blob = blobs.store.adopt(file);

      assertThat(blobs.blobFile(blob.digest())).hasContent("output");
    } finally {
      Files.deleteIfExists(file);
      Files.delete(elsewhere);
    }
  }

  @Test
  void shouldTakeAnEmptyFileAndOneThatNobodyMayRead() throws IOException {
    Path empty = blobs.workFile("empty", "");
    Path secret = blobs.workFile("secret", "secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));

    assertThat(blobs.store.adopt(empty).bytes()).isZero();
    assertThat(blobs.store.adopt(secret).digest()).isEqualTo(BlobFixture.digest("secret"));
  }

  @Test
  void shouldKeepOneCopyOfTheSameContent() throws IOException {
    Blob first = blobs.put("same");

    Blob second = blobs.store.adopt(blobs.workFile("out", "same"));

    assertThat(second).isEqualTo(first);
    assertThat(blobs.uploads()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ln -s /etc/passwd out, out is not a regular file but a symbolic link",
    "ln -s nowhere out, out is not a regular file but a symbolic link",
    "mkdir out, out is not a regular file but a directory",
    "mkfifo out, 'out is not a regular file but a pipe, socket or device'",
    "true, out does not exist",
  })
  void shouldRefuseWhatIsNotARegularFile(String command, String reason) throws Exception {
    Process made = new ProcessBuilder("sh", "-c", command).directory(blobs.work.toFile()).start();
    assertThat(made.waitFor()).isZero();

    assertThatThrownBy(() -> blobs.store.adopt(blobs.work.resolve("out")))
        .isInstanceOf(IOException.class)
        .hasMessage(reason);
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void shouldRefuseADevice() {
    assertThatThrownBy(() -> blobs.store.adopt(Path.of("/dev/null")))
        .isInstanceOf(IOException.class)
        .hasMessage("null is not a regular file but a pipe, socket or device");
  }
}
