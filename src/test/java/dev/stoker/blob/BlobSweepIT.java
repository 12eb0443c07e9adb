package dev.stoker.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.Digest;
import dev.stoker.run.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobSweepIT {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration OLD = BlobFixture.MAX_AGE.plusSeconds(1);

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
  void shouldRemoveWhatIsOldAndUnwanted() {
    Blob unwanted = blobs.put("unwanted");
    Blob wanted = blobs.put("wanted!");
    blobs.pass(OLD);
    Blob young = blobs.put("young");

    BlobStore.Swept swept = blobs.sweep(Set.of(wanted.digest())::contains);

    assertThat(swept).isEqualTo(new BlobStore.Swept(1, 8, 2, 12));
    assertThat(blobs.store.find(unwanted.digest())).isEmpty();
    assertThat(blobs.store.find(wanted.digest())).isPresent();
    assertThat(blobs.store.find(young.digest())).isPresent();
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void shouldRemoveTheLeastRecentlyUsedUntilItFits() {
    List<Blob> stored = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      stored.add(blobs.put(new byte[20 * 1024 + i]));
      blobs.pass(HOUR);
    }
    blobs.store.find(stored.get(0).digest());
    blobs.pass(HOUR);

    BlobStore.Swept swept = blobs.sweep(stored.get(1).digest()::equals);

    assertThat(swept.removed()).isEqualTo(2);
    assertThat(swept.keptBytes()).isLessThanOrEqualTo(BlobFixture.MAX_SIZE.bytes());
    assertThat(
            stored.stream()
                .map(Blob::digest)
                .map(blobs.store::find)
                .map(java.util.Optional::isPresent))
        .containsExactly(true, true, false, false, true);
  }

  @Test
  void shouldKeepWhatIsWantedHoweverLargeAndOld() {
    Blob large = blobs.put(new byte[128 * 1024]);
    blobs.pass(OLD);

    assertThat(blobs.sweep(wanted -> true)).isEqualTo(new BlobStore.Swept(0, 0, 1, large.bytes()));
  }

  @Test
  void shouldKeepWhatWasJustUsedThoughItDoesNotFit() {
    Blob large = blobs.put(new byte[128 * 1024]);
    blobs.pass(HOUR);
    blobs.store.find(large.digest());
    blobs.pass(Sweep.SAFE_AGE.minusSeconds(1));

    BlobStore.Swept early = blobs.sweep(wanted -> false);
    blobs.pass(Duration.ofSeconds(2));
    BlobStore.Swept late = blobs.sweep(wanted -> false);

    assertThat(early.removed()).isZero();
    assertThat(late.removed()).isEqualTo(1);
  }

  @Test
  void shouldKeepWhatIsLinked() throws IOException {
    Blob blob = blobs.put("input");
    try (BlobLink link = blobs.store.link(blob.digest(), blobs.work.resolve("in"))) {
      blobs.pass(OLD);

      assertThat(blobs.sweep(wanted -> false).removed()).isZero();
      assertThat(link.intact()).isTrue();
    }
    blobs.pass(OLD);
    assertThat(blobs.sweep(wanted -> false).removed()).isEqualTo(1);
  }

  @Test
  void shouldRememberTheLastUseThroughARestart() throws IOException {
    Blob used = blobs.put("used");
    Blob unused = blobs.put("unused");
    blobs.pass(OLD.minus(HOUR));
    blobs.store.find(used.digest());
    blobs.sweep(wanted -> false);

    blobs.reopen();
    blobs.pass(HOUR);
    BlobStore.Swept swept = blobs.sweep(wanted -> false);

    assertThat(swept.removed()).isEqualTo(1);
    assertThat(blobs.store.find(unused.digest())).isEmpty();
    assertThat(blobs.store.find(used.digest())).isPresent();
  }

  @Test
  void shouldRemoveWhatWasWrittenToThoughItIsWanted() throws IOException {
    Blob blob = blobs.put("input");
    Path file = blobs.blobFile(blob.digest());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(file, "INPUT");
    blobs.pass(HOUR);

    assertThat(blobs.sweep(wanted -> true).removed()).isEqualTo(1);
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldLetFilesThatAreNotBlobsBe() throws IOException {
    blobs.put("a blob");
    Path stranger = Files.writeString(blobs.directory.resolve("blobs/README"), "mine");
    Files.createDirectories(blobs.directory.resolve("blobs/zz"));
    Path other = Files.writeString(blobs.directory.resolve("blobs/zz/other"), "mine");
    blobs.pass(OLD);

    assertThat(blobs.sweep(wanted -> false)).isEqualTo(new BlobStore.Swept(1, 6, 0, 0));
    assertThat(stranger).exists();
    assertThat(other).exists();
  }

  @Test
  void shouldNeverTakeABlobThatWasJustFound() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      digests.add(blobs.put("content " + i).digest());
    }
    try (var threads = Executors.newFixedThreadPool(3)) {
      Future<?> sweeping =
          threads.submit(
              () -> {
                for (int i = 0; i < 60; i++) {
                  blobs.pass(OLD);
                  blobs.sweep(wanted -> false);
                }
                ended.set(true);
              });
      Future<Integer> finding = threads.submit(() -> uses(digests, ended));
      Future<Integer> again = threads.submit(() -> uses(digests, ended));

      sweeping.get();
      assertThat(finding.get() + again.get()).isPositive();
    }
  }

  /** Finds a blob, or stores it anew, and links it at once: found means there. */
  private int uses(List<Digest> digests, AtomicBoolean ended) throws IOException {
    int found = 0;
    for (int i = 0; !ended.get(); i = (i + 1) % digests.size()) {
      Path target = blobs.work.resolve(Thread.currentThread().threadId() + "-" + i);
      if (blobs.store.find(digests.get(i)).isEmpty()) {
        blobs.put("content " + i);
      }
      // The clock leaps by days in this test: only a link holds a blob through that.
      try (BlobLink link = blobs.store.link(digests.get(i), target)) {
        assertThat(target).hasContent("content " + i);
        assertThat(link.intact()).isTrue();
        found++;
      } catch (ServiceException sweptBetween) {
        assertThatThrownBy(() -> Files.size(target)).isInstanceOf(IOException.class);
      }
    }
    return found;
  }
}
