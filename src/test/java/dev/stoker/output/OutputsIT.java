package dev.stoker.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.blob.BlobSettings;
import dev.stoker.blob.BlobStore;
import dev.stoker.output.RunOutput.Verdict;
import dev.stoker.run.ByteSize;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Captured;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputsIT {
  private static final int MEMORY = 1024;
  private static final int WINDOW = 4096;

  @TempDir Path directory;
  private final RunId run = RunId.next();
  private Vertx vertx;
  private BlobStore blobs;
  private Outputs outputs;

  @BeforeEach
  void open() throws IOException {
    vertx = Vertx.vertx();
    blobs =
        BlobStore.open(
            vertx,
            new BlobSettings(
                directory.resolve("blobs"), new ByteSize(1 << 30), Duration.ofHours(1)));
    outputs = newOutputs();
  }

  @AfterEach
  void close() throws Exception {
    blobs.close();
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private Outputs newOutputs() throws IOException {
    return new Outputs(
        vertx,
        new OutputSettings(directory.resolve("spool"), new ByteSize(MEMORY), new ByteSize(WINDOW)),
        blobs);
  }

  @Test
  void shouldHoldAShortStreamInTheRecord() throws Exception {
    RunOutput output = outputs.open(run, keep(1 << 20));
    output.append(StdStream.STDOUT, bytes("hello"));
    output.end();

    Captured captured = result(output.captured(StdStream.STDOUT));

    assertThat(captured).isEqualTo(new Captured("hello", null, 5, false, null));
    assertThat(result(output.captured(StdStream.STDERR))).isEqualTo(Captured.EMPTY);
    assertThat(outputs.fileBytes()).isZero();
  }

  @Test
  void shouldKeepALongStreamAsABlobAndItsHeadAsText() throws Exception {
    byte[] content = "é".repeat(40_000).getBytes(StandardCharsets.UTF_8);
    RunOutput output = outputs.open(run, keep(1 << 20));
    appendAll(output, content, 1000);
    output.end();

    Captured captured = result(output.captured(StdStream.STDOUT));
    output.close();

    assertThat(captured.bytes()).isEqualTo(content.length);
    assertThat(captured.truncated()).isTrue();
    assertThat(captured.text()).hasSize(MEMORY / 2).matches("é+");
    assertThat(Files.readAllBytes(blobs.path(Objects.requireNonNull(captured.blob()))))
        .isEqualTo(content);
    assertThat(readAll(outputs.kept(record(captured), StdStream.STDOUT), 777)).isEqualTo(content);
    await().untilAsserted(() -> assertThat(filesLeft()).isZero());
  }

  @Test
  void shouldReadTheSameByOffsetWhileItGrowsAndSpills() throws Exception {
    byte[] content = random(3_000_000);
    RunOutput output = outputs.open(run, keep(1 << 23));
    List<Future<byte[]>> readers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      OutputReader reader = outputs.live(run, StdStream.STDOUT).orElseThrow();
      int chunk = 1000 + 5000 * i;
      readers.add(vertx.executeBlocking(() -> readAll(reader, chunk), false));
    }

    appendAll(output, content, 4096);
    output.end();
    Captured captured = result(output.captured(StdStream.STDOUT));
    output.close();

    for (Future<byte[]> reader : readers) {
      assertThat(result(reader)).isEqualTo(content);
    }
    assertThat(captured.bytes()).isEqualTo(content.length);
    await().untilAsserted(() -> assertThat(outputs.fileBytes()).isZero());
  }

  @Test
  void shouldKeepNoMoreThanItsBound() throws Exception {
    RunOutput output = outputs.open(run, keep(10));

    Verdict within = output.append(StdStream.STDOUT, bytes("12345"));
    Verdict beyond = output.append(StdStream.STDOUT, bytes("6789012345"));
    Verdict after = output.append(StdStream.STDOUT, bytes("more"));
    output.end();

    assertThat(List.of(within, beyond, after))
        .containsExactly(Verdict.MORE, Verdict.EXCEEDED, Verdict.EXCEEDED);
    assertThat(result(output.captured(StdStream.STDOUT)))
        .isEqualTo(new Captured("1234567890", null, 10, true, null));
  }

  @Test
  void shouldPauseAWriterThatIsFasterThanTheDiskAndLetItGoOn() throws Exception {
    AtomicInteger rooms = new AtomicInteger();
    RunOutput output = outputs.open(run, keep(1 << 30));
    output.onRoom(stream -> rooms.incrementAndGet());
    byte[] chunk = random(KeepSpool.QUEUE_BYTES_MAX + MEMORY + 1);

    Verdict verdict = output.append(StdStream.STDOUT, ByteBuffer.wrap(chunk));

    assertThat(verdict).isEqualTo(Verdict.PAUSE);
    await().untilAsserted(() -> assertThat(rooms).hasValue(1));
    output.end();
    assertThat(result(output.captured(StdStream.STDOUT)).bytes()).isEqualTo(chunk.length);
  }

  @Test
  void shouldPassAStreamThroughAWindow() throws Exception {
    AtomicInteger rooms = new AtomicInteger();
    RunOutput output = outputs.open(run, pass());
    output.onRoom(stream -> rooms.incrementAndGet());
    OutputReader reader = outputs.live(run, StdStream.STDOUT).orElseThrow();
    byte[] content = random(WINDOW);

    Verdict full = output.append(StdStream.STDOUT, ByteBuffer.wrap(content));
    byte[] first = result(reader.read(0, 1000)).getBytes();
    assertThat(rooms).hasValue(0);
    byte[] second = result(reader.read(1000, WINDOW)).getBytes();
    result(reader.more(WINDOW / 2));

    assertThat(full).isEqualTo(Verdict.PAUSE);
    assertThat(first).isEqualTo(Arrays.copyOf(content, 1000));
    assertThat(second).isEqualTo(Arrays.copyOfRange(content, 1000, WINDOW));
    assertThat(rooms).hasValue(1);
    assertThatThrownBy(() -> result(reader.read(0, 10))).hasCauseInstanceOf(ServiceException.class);
  }

  @Test
  void shouldForgetAPassedStreamWhoseReaderHasGone() throws Exception {
    AtomicInteger rooms = new AtomicInteger();
    RunOutput output = outputs.open(run, pass());
    output.onRoom(stream -> rooms.incrementAndGet());
    OutputReader reader = outputs.live(run, StdStream.STDOUT).orElseThrow();
    output.append(StdStream.STDOUT, ByteBuffer.wrap(random(WINDOW)));

    reader.close();

    assertThat(rooms).hasValue(1);
    assertThat(output.append(StdStream.STDOUT, ByteBuffer.wrap(random(10 * WINDOW))))
        .isEqualTo(Verdict.MORE);
  }

  @Test
  void shouldRefuseASecondOutputOfOneRun() {
    outputs.open(run, keep(10));

    assertThatThrownBy(() -> outputs.open(run, keep(10))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldRemoveWhatAnEarlierLifeLeft() throws Exception {
    Files.writeString(directory.resolve("spool").resolve("old.stdout"), "old");

    newOutputs();

    assertThat(filesLeft()).isZero();
  }

  private static void appendAll(RunOutput output, byte[] content, int chunk) {
    for (int from = 0; from < content.length; from += chunk) {
      int length = Math.min(chunk, content.length - from);
      output.append(StdStream.STDOUT, ByteBuffer.wrap(content, from, length));
    }
  }

  private static byte[] readAll(OutputReader reader, int chunk) throws Exception {
    try (reader) {
      java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
      while (true) {
        byte[] read = result(reader.read(all.size(), chunk)).getBytes();
        all.writeBytes(read);
        if (read.length == 0) {
          if (reader.ended() && all.size() == reader.size()) {
            return all.toByteArray();
          }
          result(reader.more(all.size()));
        }
      }
    }
  }

  private long filesLeft() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("spool"))) {
      return files.count();
    }
  }

  private RunRecord record(Captured stdout) {
    return new RunRecord(
        run,
        "tool",
        Principal.ANONYMOUS,
        RunState.SUCCEEDED,
        null,
        null,
        stdout,
        Captured.EMPTY,
        Map.of(),
        Instant.EPOCH,
        null,
        null,
        1,
        null,
        null,
        CacheUse.MISS);
  }

  private static OutputRules keep(long bound) {
    return new OutputRules(new ByteSize(bound), new ByteSize(bound), OutputRules.Mode.KEEP);
  }

  private static OutputRules pass() {
    return new OutputRules(new ByteSize(10), new ByteSize(10), OutputRules.Mode.PASS);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
