package dev.stoker.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobLinkIT {
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
  void shouldNameTheContentWithoutCopyingIt() throws IOException {
    Blob blob = blobs.put("input");
    Path target = blobs.work.resolve("in.mp4");

    BlobLink link = blobs.store.link(blob.digest(), target);

    assertThat(target).hasContent("input");
    assertThat(Files.isSameFile(target, blobs.blobFile(blob.digest()))).isTrue();
    assertThat(link.intact()).isTrue();
    link.close();
    link.close();
    assertThat(target).doesNotExist();
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldRemoveABlobThatWasWrittenTo() throws IOException {
    Blob blob = blobs.put("input");
    Path target = blobs.work.resolve("in");
    BlobLink link = blobs.store.link(blob.digest(), target);
    BlobLink another = blobs.store.link(blob.digest(), blobs.work.resolve("other"));

    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(target, "INPUT");

    assertThat(link.intact()).isFalse();
    assertThat(another.intact()).isFalse();
    assertThat(blobs.store.find(blob.digest())).isEmpty();
    link.close();
    assertThat(blobs.blobFile(blob.digest())).doesNotExist();
    another.close();
  }

  @Test
  void shouldKeepABlobThatCameAnewAfterTheTamperedOne() throws IOException {
    Blob blob = blobs.put("input");
    Path target = blobs.work.resolve("in");
    BlobLink link = blobs.store.link(blob.digest(), target);
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(target, "INPUT");

    blobs.put("input");

    assertThat(link.intact()).isFalse();
    link.close();
    assertThat(blobs.blobFile(blob.digest())).hasContent("input");
  }

  @Test
  void shouldStayIntactWhenTheNameIsPutToAnotherFile() throws IOException {
    Blob blob = blobs.put("input");
    Path target = blobs.work.resolve("in");
    BlobLink link = blobs.store.link(blob.digest(), target);

    Files.delete(target);
    Files.writeString(target, "another file");

    assertThat(link.intact()).isTrue();
    link.close();
    assertThat(target).doesNotExist();
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldSeeThroughARestartThatABlobWasWrittenTo() throws IOException {
    Blob blob = blobs.put("input");
    Files.setPosixFilePermissions(
        blobs.blobFile(blob.digest()), PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(blobs.blobFile(blob.digest()), "INPUT");

    blobs.reopen();

    assertThat(blobs.store.find(blob.digest())).isEmpty();
  }

  @Test
  void shouldCopyWhereTheFileSystemIsAnother() throws IOException {
    Blob blob = blobs.put("input");
    Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "stoker");
    Path target = elsewhere.resolve("in");
    try (BlobLink link = blobs.store.link(blob.digest(), target)) {
      assertThat(Files.getFileStore(target)).isNotEqualTo(Files.getFileStore(blobs.directory));
      assertThat(target).hasContent("input");
      assertThat(Files.getPosixFilePermissions(target))
          .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));

      Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
      Files.writeString(target, "INPUT");

      assertThat(link.intact()).isTrue();
    } finally {
      Files.deleteIfExists(target);
      Files.delete(elsewhere);
    }
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldSayThatThereIsNoSuchBlob() {
    assertThatThrownBy(
            () -> blobs.store.link(BlobFixture.digest("nothing"), blobs.work.resolve("in")))
        .isInstanceOfSatisfying(
            ServiceException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BLOB_NOT_FOUND));
    assertThatThrownBy(() -> blobs.store.path(BlobFixture.digest("nothing")))
        .isInstanceOf(ServiceException.class);
  }

  @Test
  void shouldNotReplaceAFileThatIsThere() throws IOException {
    Blob blob = blobs.put("input");
    Path there = blobs.workFile("in", "mine");

    assertThatThrownBy(() -> blobs.store.link(blob.digest(), there))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(there).hasContent("mine");
    blobs.pass(Duration.ofDays(2));
    Files.setAttribute(
        blobs.blobFile(blob.digest()), "lastAccessTime", FileTime.from(Instant.EPOCH));
    assertThat(blobs.sweep(wanted -> false).removed()).isEqualTo(1);
  }
}
