package dev.stoker.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stoker.run.ByteSize;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real full disk: a file system of one mebibyte. Needs the right to mount one. */
class DiskFullIT {
  @TempDir private Path directory;
  private Path disk;
  private BlobFixture blobs;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()) == 0,
        "no right to mount");
    blobs = new BlobFixture(disk);
  }

  @AfterEach
  void unmount() throws Exception {
    if (blobs != null) {
      blobs.close();
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void shouldSayThatTheDiskIsFullAndKeepNothingOfTheUpload() {
    BlobUpload upload = blobs.store.upload("video", ByteSize.parse("1GiB"));
    for (int i = 0; i < 8; i++) {
      upload.write(Buffer.buffer(new byte[256 * 1024])).onFailure(full -> {});
    }

    assertThatThrownBy(() -> BlobFixture.await(upload.finish()))
        .isInstanceOfSatisfying(
            ServiceException.class,
            full -> {
              assertThat(full.code()).isEqualTo(ErrorCode.STORAGE_FULL);
              assertThat(full.retryAfter()).isNotNull();
            })
        .hasMessageContaining("the disk is full");
    Awaitility.await().until(() -> blobs.uploads().isEmpty());
    assertThat(blobs.put("small").bytes()).isEqualTo(5);
  }

  @Test
  void shouldSayThatTheDiskIsFullWhenAnOutputIsCopied() throws IOException {
    Path large = Files.write(directory.resolve("large"), new byte[2 << 20]);

    assertThatThrownBy(() -> blobs.store.adopt(large))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("large could not be stored: the disk is full");
    assertThat(blobs.uploads()).isEmpty();
    assertThat(large).exists();
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
