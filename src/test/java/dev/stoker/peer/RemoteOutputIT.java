package dev.stoker.peer;

import static dev.stoker.peer.PeerNode.await;
import static dev.stoker.peer.PeerNode.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.output.OutputReader;
import dev.stoker.output.OutputRules;
import dev.stoker.output.RunOutput;
import dev.stoker.output.RunOutput.Verdict;
import dev.stoker.peer.Question.ReaderKey;
import dev.stoker.run.ByteSize;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("patient")
class RemoteOutputIT {
  private static final Loopback CLUSTER = new Loopback();
  private static final List<Vertx> VERTX = new ArrayList<>();
  private static final int CHUNK = 1000;

  @TempDir private Path directory;
  private final Presence presence = new Presence();
  private final RunId run = RunId.next();
  private PeerNode owner;
  private PeerNode home;
  private PeerNode third;

  @BeforeAll
  static void startCluster() throws Exception {
    for (int i = 0; i < 3; i++) {
      VERTX.add(CLUSTER.start());
    }
  }

  @AfterAll
  static void stopCluster() throws Exception {
    CLUSTER.close();
  }

  @BeforeEach
  void start() throws IOException {
    owner = new PeerNode(VERTX.get(0), presence, "owner", directory);
    home = new PeerNode(VERTX.get(1), presence, "home", directory);
    third = new PeerNode(VERTX.get(2), presence, "third", directory);
    PeerNode.awaitHearing(owner, home, third);
  }

  @AfterEach
  void stop() {
    Stream.of(owner, home, third).forEach(PeerNode::close);
  }

  @Test
  void shouldGiveTheSameBytesToManyReadersAtManyOffsetsWhileTheyAreWritten() {
    byte[] content = random(3_000_000);
    RunOutput output = owner.outputs.open(run, keep());
    List<Follower> followers = new ArrayList<>();
    for (PeerNode node : List.of(home, third)) {
      for (int offset : new int[] {0, 1, PeerNode.MEMORY, 500_000, 2_999_999}) {
        followers.add(new Follower(node, reader(node, StdStream.STDOUT), offset, 700 + offset));
      }
    }
    followers.forEach(Follower::start);

    Writer writer = new Writer(output, content);
    writer.write(0, content.length / 2);
    Awaitility.await()
        .until(() -> followers.getFirst().offset.get(), at -> at == content.length / 2);
    writer.write(content.length / 2, content.length);
    output.end();
    output.close();

    for (Follower follower : followers) {
      byte[] due = Arrays.copyOfRange(content, follower.begin, content.length);
      assertThat(await(follower.ended.future()).getBytes()).isEqualTo(due);
    }
    Awaitility.await().untilAsserted(() -> assertThat(owner.outputs.fileBytes()).isZero());
  }

  @Test
  void shouldTellTheSizeAndTheEnd() {
    RunOutput output = owner.outputs.open(run, keep());
    append(output, StdStream.STDERR, "trouble");
    OutputReader reader = reader(home, StdStream.STDERR);

    assertThat(await(reader.read(0, 0)).length()).isZero();
    assertThat(reader.size()).isEqualTo(7);
    assertThat(reader.ended()).isFalse();
    output.end();
    await(reader.more(7));
    assertThat(reader.ended()).isTrue();
    assertThat(await(reader.read(3, 100)).toString()).isEqualTo("uble");
    assertThat(await(reader.read(7, 100)).length()).isZero();
    reader.close();
  }

  @Test
  void shouldReadToTheEndWhatWasForgottenOnItsNodeMeanwhile() {
    byte[] content = random(100_000);
    RunOutput output = owner.outputs.open(run, keep());
    OutputReader reader = reader(home, StdStream.STDOUT);
    await(reader.read(0, 0));
    new Writer(output, content).write(0, content.length);
    output.end();
    output.close();
    assertThat(owner.outputs.live(run, StdStream.STDOUT)).isEmpty();

    Follower follower = new Follower(home, reader, 0, 50_000).start();

    assertThat(await(follower.ended.future()).getBytes()).isEqualTo(content);
  }

  @Test
  void shouldHoldTheWriterBackWhenAPassedStreamIsReadSlowlyAndLoseNothing() throws Exception {
    byte[] content = random(400_000);
    RunOutput output = owner.outputs.open(run, pass());
    OutputReader reader = reader(home, StdStream.STDOUT);
    Follower follower = new Follower(home, reader, 0, 3_000);
    Writer writer = new Writer(output, content);
    writer.lead = () -> follower.offset.get();
    Thread writing = writer.start();

    Awaitility.await().untilAsserted(() -> assertThat(writer.pauses).hasPositiveValue());
    assertThat(writer.appended).hasValueLessThan(PeerNode.WINDOW + CHUNK);
    follower.start();

    assertThat(await(follower.ended.future()).getBytes()).isEqualTo(content);
    writing.join(TimeUnit.SECONDS.toMillis(10));
    assertThat(writer.leadMax).hasValueLessThan(PeerNode.WINDOW + CHUNK);
    assertThat(writer.pauses.get()).isGreaterThan(10);
  }

  @Test
  void shouldLendThePassedStreamOnce() {
    owner.outputs.open(run, pass());
    OutputReader first = reader(home, StdStream.STDOUT);
    await(first.read(0, 0));

    OutputReader second = reader(third, StdStream.STDOUT);

    assertCode(second.read(0, 10), ErrorCode.OUTPUT_NOT_FOUND);
    second.close();
    await(first.read(0, 10));
  }

  @Test
  void shouldFreeTheWriterWhenTheReaderCloses() throws Exception {
    OutputReader[] reader = new OutputReader[1];
    writeUntilPaused(() -> reader[0] = reader(home, StdStream.STDOUT), () -> reader[0].close());
  }

  @Test
  void shouldFreeTheWriterWhenTheReadersNodeLeaves() throws Exception {
    writeUntilPaused(() -> reader(home, StdStream.STDOUT), () -> presence.leave(home.id));
  }

  @Test
  void shouldFreeTheWriterWhenTheOwnerStopsServing() throws Exception {
    writeUntilPaused(
        () -> await(reader(home, StdStream.STDOUT).read(0, 0)), () -> owner.peers.close());
  }

  /** The lease of a node that lives and asks no more is over; one that says it stays goes on. */
  @Test
  void shouldFreeTheWriterOfASilentNodeOnlyAndHoldOutWhereNobodyWritesOrReads() throws Exception {
    byte[] content = random(50_000);
    RunId slow = RunId.next();
    RunId quiet = RunId.next();
    Writer stalled = new Writer(owner.outputs.open(slow, pass()), content);
    OutputReader patient = reader(home, slow, StdStream.STDOUT);
    RunOutput silence = owner.outputs.open(quiet, keep());
    OutputReader waiting = reader(home, quiet, StdStream.STDOUT);
    Future<Void> more = waiting.more(0);
    Thread stalledThread = stalled.start();

    writeUntilPaused(
        () ->
            await(
                home.vertx
                    .eventBus()
                    .<Buffer>request(
                        Asker.address(owner.id),
                        new Question.Read(
                                ReaderKey.next(home.id.toString(), run, StdStream.STDOUT), 0, 1)
                            .toJson())),
        () -> {});

    assertThat(stalledThread.isAlive()).isTrue();
    assertThat(more.isComplete()).isFalse();
    append(silence, StdStream.STDOUT, "at last");
    await(more);
    assertThat(await(waiting.read(0, 100)).toString()).isEqualTo("at last");
    Follower follower = new Follower(home, patient, 0, 10_000).start();
    assertThat(await(follower.ended.future()).getBytes()).isEqualTo(content);
    stalledThread.join(TimeUnit.SECONDS.toMillis(10));
  }

  @Test
  void shouldFailWhenTheOwnerGoesAway() {
    owner.outputs.open(run, keep());
    OutputReader reader = reader(home, StdStream.STDOUT);
    await(reader.read(0, 0));
    Future<Void> more = reader.more(0);

    presence.leave(owner.id);

    assertCode(more, ErrorCode.OUTPUT_NOT_FOUND);
    assertCode(reader.read(0, 10), ErrorCode.OUTPUT_NOT_FOUND);
    reader.close();
  }

  @Test
  void shouldFailWhereTheRunIsNot() {
    OutputReader reader = reader(home, StdStream.STDOUT);

    assertCode(reader.read(0, 10), ErrorCode.OUTPUT_NOT_FOUND);
    assertCode(reader.more(0), ErrorCode.OUTPUT_NOT_FOUND);
    reader.close();
    reader.close();
  }

  @Test
  void shouldWakeWhoWaitsWhenItIsClosed() {
    owner.outputs.open(run, keep());
    OutputReader reader = reader(home, StdStream.STDOUT);
    Future<Void> more = reader.more(0);

    reader.close();

    await(more);
  }

  @Test
  void shouldHaveNoReaderOfItselfNorOfWhoIsNotThere() {
    assertThat(home.peers.output("home", run, StdStream.STDOUT)).isEmpty();
    assertThat(home.peers.output("nobody", run, StdStream.STDOUT)).isEmpty();
  }

  /** Writes more than fits until the writer is held back; what {@code free} does lets it end. */
  private void writeUntilPaused(Runnable read, Runnable free) throws Exception {
    RunOutput output = owner.outputs.open(run, pass());
    read.run();
    Writer writer = new Writer(output, random(50_000));
    Thread writing = writer.start();
    Awaitility.await().untilAsserted(() -> assertThat(writer.pauses).hasPositiveValue());
    assertThat(writing.isAlive()).isTrue();

    free.run();

    writing.join(TimeUnit.SECONDS.toMillis(30));
    assertThat(writing.isAlive()).isFalse();
    assertThat(writer.appended).hasValue(50_000);
  }

  private OutputReader reader(PeerNode node, StdStream stream) {
    return reader(node, run, stream);
  }

  private OutputReader reader(PeerNode node, RunId of, StdStream stream) {
    return node.peers.output("owner", of, stream).orElseThrow();
  }

  private static void append(RunOutput output, StdStream stream, String text) {
    output.append(stream, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void assertCode(Future<?> future, ErrorCode code) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            ServiceException.class, failed -> assertThat(failed.code()).isEqualTo(code));
  }

  private static OutputRules keep() {
    ByteSize bound = new ByteSize(1 << 23);
    return new OutputRules(bound, bound, OutputRules.Mode.KEEP);
  }

  private static OutputRules pass() {
    return new OutputRules(new ByteSize(10), new ByteSize(10), OutputRules.Mode.PASS);
  }

  /** Writes as a process does: it goes on only when it is told to. */
  private static final class Writer {
    private final RunOutput output;
    private final byte[] content;
    private final Semaphore room = new Semaphore(0);
    private final AtomicLong appended = new AtomicLong();
    private final AtomicLong pauses = new AtomicLong();
    private final AtomicLong leadMax = new AtomicLong();
    private java.util.function.LongSupplier lead = appended::get;

    Writer(RunOutput output, byte[] content) {
      this.output = output;
      this.content = content;
      output.onRoom(stream -> room.release());
    }

    Thread start() {
      Thread thread =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    write(0, content.length);
                    output.end();
                  });
      return thread;
    }

    void write(int begin, int end) {
      for (int from = begin; from < end; from += CHUNK) {
        int length = Math.min(CHUNK, end - from);
        long read = lead.getAsLong();
        Verdict verdict = output.append(StdStream.STDOUT, ByteBuffer.wrap(content, from, length));
        long ahead = appended.addAndGet(length) - read;
        leadMax.accumulateAndGet(ahead, Math::max);
        if (verdict == Verdict.PAUSE) {
          pauses.incrementAndGet();
          room.acquireUninterruptibly();
        }
      }
    }
  }

  /** Reads a stream to its end on its node's context, then closes it. */
  private static final class Follower {
    private final PeerNode node;
    private final OutputReader reader;
    private final int begin;
    private final int chunk;
    private final AtomicLong offset;
    private final Buffer all = Buffer.buffer();
    private final Promise<Buffer> ended = Promise.promise();

    Follower(PeerNode node, OutputReader reader, int begin, int chunk) {
      this.node = node;
      this.reader = reader;
      this.begin = begin;
      this.chunk = chunk;
      this.offset = new AtomicLong(begin);
    }

    Follower start() {
      node.vertx.runOnContext(now -> next());
      return this;
    }

    private void next() {
      reader.read(offset.get(), chunk).onComplete(this::take, ended::tryFail);
    }

    private void take(Buffer bytes) {
      all.appendBuffer(bytes);
      offset.addAndGet(bytes.length());
      if (bytes.length() > 0) {
        next();
      } else if (reader.ended() && offset.get() >= reader.size()) {
        reader.close();
        ended.complete(all);
      } else {
        reader.more(offset.get()).onComplete(more -> next(), ended::tryFail);
      }
    }
  }
}
