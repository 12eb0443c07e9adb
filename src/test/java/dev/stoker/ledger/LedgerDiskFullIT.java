package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.queued;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real full disk: a file system of two mebibytes. Needs the right to mount one. */
class LedgerDiskFullIT {
  @TempDir private Path directory;
  private Path disk;
  private LedgerFixture book;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()) == 0,
        "no right to mount");
    book = new LedgerFixture(disk);
  }

  @AfterEach
  void unmount() throws Exception {
    if (book != null) {
      book.close();
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void shouldWriteAgainWhenTheDiskHasRoomAgain() throws Exception {
    Path ballast = disk.resolve("ballast");
    fill(ballast);
    Command waiting = command("waiting", Delivery.WAIT);
    await(book.ledger.accept(waiting, queued(waiting)));
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> book.accept(command("refused", Delivery.DETACHED)))
                    .isInstanceOfSatisfying(
                        ServiceException.class,
                        full -> assertThat(full.code()).isEqualTo(ErrorCode.LEDGER_UNAVAILABLE)));
    assertThat(book.ledger.healthy()).isFalse();

    Files.delete(ballast);
    Awaitility.await().until(book.ledger::healthy);
    Command accepted = book.accept(command("accepted", Delivery.DETACHED));
    book.reopen();

    assertThat(await(book.ledger.find(accepted.id()))).contains(queued(accepted));
    assertThat(await(book.ledger.find(waiting.id()))).contains(queued(waiting));
  }

  private static void fill(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] page = new byte[4096];
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
