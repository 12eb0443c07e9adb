package dev.stoker.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobUploadIT {
  private static final ByteSize MAX = ByteSize.parse("2GiB");
  private static final long MEBIBYTE = 1L << 20;

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
  void shouldStoreContentUnderItsDigest() throws IOException {
    BlobUpload upload = blobs.store.upload("video", MAX);

    Future<Void> first = upload.write(Buffer.buffer("hello, "));
    Future<Void> second = upload.write(Buffer.buffer("blob"));
    Blob blob = BlobFixture.await(upload.finish());

    assertThat(first.succeeded()).isTrue();
    assertThat(second.succeeded()).isTrue();
    assertThat(blob).isEqualTo(new Blob(BlobFixture.digest("hello, blob"), 11));
    assertThat(blobs.blobFile(blob.digest())).hasContent("hello, blob");
    assertThat(Files.getPosixFilePermissions(blobs.blobFile(blob.digest())))
        .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
    assertThat(blobs.uploads()).isEmpty();
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldStoreAnEmptyUpload() {
    Blob blob = BlobFixture.await(blobs.store.upload("stdin", MAX).finish());

    assertThat(blob).isEqualTo(new Blob(Digest.of(new byte[0]), 0));
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldKeepOneCopyOfTheSameContent() throws IOException {
    Blob first = blobs.put("same");
    Object inode = Files.getAttribute(blobs.blobFile(first.digest()), "unix:ino");

    Blob second = blobs.put("same");

    assertThat(second).isEqualTo(first);
    assertThat(Files.getAttribute(blobs.blobFile(first.digest()), "unix:ino")).isEqualTo(inode);
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void shouldReplaceABlobThatIsNotWhatItsNameSays() throws IOException {
    Blob first = blobs.put("same");
    Files.setPosixFilePermissions(
        blobs.blobFile(first.digest()), PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(blobs.blobFile(first.digest()), "else");

    assertThat(blobs.store.find(first.digest())).isEmpty();
    blobs.put("same");

    assertThat(blobs.blobFile(first.digest())).hasContent("same");
    assertThat(blobs.store.find(first.digest())).contains(first);
  }

  @Test
  void shouldRefuseMoreThanTheMaximumAndNameTheField() {
    BlobUpload upload = blobs.store.upload("inputs.video", new ByteSize(4));
    Promise<Throwable> told = Promise.promise();
    upload.exceptionHandler(told::complete);
    BlobFixture.await(upload.write(Buffer.buffer("four")));

    Future<Void> tooMuch = upload.write(Buffer.buffer("!"));

    assertThatThrownBy(() -> BlobFixture.await(tooMuch))
        .isInstanceOfSatisfying(
            ServiceException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
              assertThat(refused.violations())
                  .containsExactly(new Violation("inputs.video", "at most 4B are allowed"));
            });
    assertThat(BlobFixture.await(told.future())).isInstanceOf(ServiceException.class);
    assertThatThrownBy(() -> BlobFixture.await(upload.finish()))
        .isInstanceOf(ServiceException.class);
    Awaitility.await().until(() -> blobs.uploads().isEmpty());
  }

  @Test
  void shouldStoreExactlyTheMaximum() {
    BlobUpload upload = blobs.store.upload("inputs.video", new ByteSize(4));

    Blob blob =
        BlobFixture.await(upload.write(Buffer.buffer("four")).compose(done -> upload.finish()));

    assertThat(blob.bytes()).isEqualTo(4);
  }

  @Test
  void shouldStoreContentWhoseDigestIsKnown() {
    BlobUpload upload = blobs.store.upload("blob", MAX);
    upload.write(Buffer.buffer("known"));

    Blob blob = BlobFixture.await(upload.finish(BlobFixture.digest("known")));

    assertThat(blob).isEqualTo(new Blob(BlobFixture.digest("known"), 5));
    assertThat(blobs.store.find(blob.digest())).contains(blob);
  }

  @Test
  void shouldKeepNothingOfContentThatIsNotWhatItsDigestSays() {
    BlobUpload upload = blobs.store.upload("blob", MAX);
    upload.write(Buffer.buffer("other"));

    assertThatThrownBy(() -> BlobFixture.await(upload.finish(BlobFixture.digest("known"))))
        .isInstanceOfSatisfying(
            ServiceException.class,
            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH));
    Awaitility.await().until(() -> blobs.uploads().isEmpty());
    assertThat(blobs.store.find(BlobFixture.digest("known"))).isEmpty();
    assertThat(blobs.store.find(BlobFixture.digest("other"))).isEmpty();
  }

  @Test
  void shouldRemoveWhatWasWrittenWhenItIsAborted() {
    BlobUpload upload = blobs.store.upload("video", MAX);
    BlobFixture.await(upload.write(Buffer.buffer("half")));
    assertThat(blobs.uploads()).hasSize(1);

    upload.abort();
    upload.abort();

    Awaitility.await().until(() -> blobs.uploads().isEmpty());
    assertThat(upload.finish().failed() || upload.write(Buffer.buffer("more")).failed()).isTrue();
    assertThat(blobs.store.find(BlobFixture.digest("half"))).isEmpty();
  }

  @Test
  void shouldKeepTheBlobWhenItIsAbortedAfterItsEnd() {
    BlobUpload upload = blobs.store.upload("video", MAX);
    Blob blob =
        BlobFixture.await(upload.write(Buffer.buffer("all")).compose(done -> upload.finish()));

    upload.abort();

    assertThat(blobs.store.find(blob.digest())).contains(blob);
    assertThat(BlobFixture.await(upload.finish())).isEqualTo(blob);
  }

  @Test
  void shouldRemoveUploadsOfAnEarlierLife() throws IOException {
    Files.writeString(directory.resolve("store/uploads/left-over"), "half");

    blobs.reopen();

    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void shouldFailUploadsUnderWayWhenItCloses() {
    BlobUpload upload = blobs.store.upload("video", MAX);
    BlobFixture.await(upload.write(Buffer.buffer("half")));

    blobs.store.close();

    assertThatThrownBy(() -> BlobFixture.await(upload.finish()))
        .isInstanceOfSatisfying(
            ServiceException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.SHUTTING_DOWN));
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void shouldCostNoHeapWhateverItsSize() throws Exception {
    long chunks = 1024;
    Buffer chunk = Buffer.buffer(new byte[(int) MEBIBYTE / 4]);
    MessageDigest expected = Digest.newSha256();
    for (long i = 0; i < chunks * 4; i++) {
      expected.update(chunk.getBytes());
    }
    long before = usedHeapAfterCollection();
    Context context = blobs.vertx.getOrCreateContext();
    Promise<BlobUpload> all = Promise.promise();
    Promise<Long> half = Promise.promise();
    AtomicBoolean wasFull = new AtomicBoolean();
    context.runOnContext(
        on -> {
          BlobUpload upload = blobs.store.upload("video", MAX);
          new Pump(upload, chunk, chunks * 4, wasFull, all, half).run();
        });

    BlobFixture.await(half.future());
    long during = usedHeapAfterCollection();
    Blob blob = BlobFixture.await(all.future().compose(BlobUpload::finish));

    assertThat(blob).isEqualTo(new Blob(Digest.from(expected), chunks * MEBIBYTE));
    assertThat(wasFull).isTrue();
    assertThat(during - before).isLessThan(64 * MEBIBYTE);
  }

  private static long usedHeapAfterCollection() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Writes as fast as the upload takes it, as a pipe does. */
  private record Pump(
      BlobUpload upload,
      Buffer chunk,
      long chunks,
      AtomicBoolean wasFull,
      Promise<BlobUpload> all,
      Promise<Long> half) {
    void run() {
      upload.exceptionHandler(all::tryFail);
      pump(0);
    }

    private void pump(long from) {
      long next = from;
      while (next < chunks && !upload.writeQueueFull()) {
        upload.write(chunk).onFailure(all::tryFail);
        next++;
        if (next == chunks / 2) {
          half.complete(next);
        }
      }
      if (next == chunks) {
        all.tryComplete(upload);
        return;
      }
      wasFull.set(true);
      long resume = next;
      upload.drainHandler(drained -> pump(resume));
    }
  }
}
