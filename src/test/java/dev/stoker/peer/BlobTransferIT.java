package dev.stoker.peer;

import static dev.stoker.peer.PeerNode.await;
import static dev.stoker.peer.PeerNode.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stoker.blob.Blob;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryContext;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobTransferIT {
  private static final Loopback CLUSTER = new Loopback();
  private static final List<Vertx> VERTX = new ArrayList<>();
  private static final int LARGE = 64 * 1024 * 1024;

  @TempDir private Path directory;
  private final Presence presence = new Presence();
  private PeerNode here;
  private PeerNode second;
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
    here = new PeerNode(VERTX.get(0), presence, "here", directory);
    second = new PeerNode(VERTX.get(1), presence, "second", directory);
    third = new PeerNode(VERTX.get(2), presence, "third", directory);
    PeerNode.awaitHearing(here, second, third);
  }

  @AfterEach
  void stop() {
    Stream.of(here, second, third).forEach(PeerNode::close);
  }

  @Test
  void shouldFetchALargeBlobWholeFromTheNodeThatHasIt() throws Exception {
    byte[] content = random(LARGE + 1);
    Blob blob = third.put(content);

    Optional<Blob> fetched = await(here.peers.obtain(blob.digest(), null));

    assertThat(fetched).contains(blob);
    assertThat(here.content(blob.digest())).isEqualTo(content);
    assertThat(here.uploads()).isEmpty();
  }

  @Test
  void shouldFetchBlobsOfEverySizeAroundAPiece() throws Exception {
    int piece = Question.PIECE_BYTES_MAX;
    for (int size : new int[] {0, 1, piece - 1, piece, piece + 1, 9 * piece, 9 * piece + 1}) {
      byte[] content = random(size);
      Blob blob = second.put(content);

      Optional<Blob> fetched = await(here.peers.obtain(blob.digest(), "second"));

      assertThat(fetched).contains(blob);
      assertThat(here.content(blob.digest())).isEqualTo(content);
    }
  }

  @Test
  void shouldFindNothingWhereNobodyHasIt() {
    Digest digest = Digest.of(random(7));

    assertThat(await(here.peers.obtain(digest, null))).isEmpty();
    assertThat(await(here.peers.obtain(digest, "second"))).isEmpty();
    assertThat(await(here.peers.obtain(digest, "nobody"))).isEmpty();
  }

  @Test
  void shouldAskNobodyForWhatIsHere() {
    Blob blob = here.put(random(100));
    presence.leave(second.id);
    presence.leave(third.id);

    assertThat(await(here.peers.obtain(blob.digest(), "second"))).contains(blob);
  }

  @Test
  void shouldGoOnWithAnotherWhereTheLikelyOneHasItNot() {
    Blob blob = third.put(random(1000));

    assertThat(await(here.peers.obtain(blob.digest(), "second"))).contains(blob);
  }

  @Test
  void shouldNotKeepWrongContentAndTakeTheRightFromAnother() throws Exception {
    byte[] content = random(1_000_000);
    Blob blob = second.put(content);
    third.put(content);
    second.corrupt(blob.digest());
    Digest wrong = Digest.of(Files.readAllBytes(second.blobs.path(blob.digest())));

    Optional<Blob> fetched = await(here.peers.obtain(blob.digest(), "second"));

    assertThat(fetched).contains(blob);
    assertThat(here.content(blob.digest())).isEqualTo(content);
    assertThat(here.blobs.find(wrong)).isEmpty();
    Awaitility.await().until(() -> here.uploads().isEmpty());
  }

  @Test
  void shouldFindNothingWhereEveryContentIsWrong() throws Exception {
    Blob blob = second.put(random(1_000));
    second.corrupt(blob.digest());

    assertThat(await(here.peers.obtain(blob.digest(), null))).isEmpty();
  }

  @Test
  void shouldTakeItFromAnotherWhenItsNodeDiesOnTheWay() throws Exception {
    byte[] content = random(LARGE / 4);
    PeerNode dying = new PeerNode(CLUSTER.start(), presence, "dying", directory);
    Blob blob = dying.put(content);
    third.put(content);
    Interception killing = onPiece(dying.id, 20, () -> die(dying));

    Optional<Blob> fetched = await(here.peers.obtain(blob.digest(), "dying"));

    killing.close();
    assertThat(killing.pieces).hasValueGreaterThanOrEqualTo(20);
    assertThat(fetched).contains(blob);
    assertThat(here.content(blob.digest())).isEqualTo(content);
    Awaitility.await().until(() -> here.uploads().isEmpty());
    dying.blobs.close();
  }

  private void die(PeerNode node) {
    presence.leave(node.id);
    node.peers.close();
    node.vertx.close();
  }

  @Test
  void shouldFindNothingWhenTheOnlyNodeThatHasItLeavesOnTheWay() throws Exception {
    Blob blob = second.put(random(LARGE / 4));
    Interception leaving = onPiece(second.id, 20, () -> presence.leave(second.id));

    Optional<Blob> fetched = await(here.peers.obtain(blob.digest(), "second"));

    leaving.close();
    assertThat(leaving.pieces).hasValueGreaterThanOrEqualTo(20);
    assertThat(fetched).isEmpty();
    Awaitility.await().until(() -> here.uploads().isEmpty());
  }

  @Test
  void shouldShareOneTransferAmongAllWhoAsk() {
    Blob blob = second.put(random(5_000_000));
    Interception counting = onPiece(second.id, Integer.MAX_VALUE, () -> {});

    List<Future<Optional<Blob>>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(here.peers.obtain(blob.digest(), i % 2 == 0 ? "second" : null));
    }

    for (Future<Optional<Blob>> each : all) {
      assertThat(await(each)).contains(blob);
    }
    counting.close();
    assertThat(counting.first).hasValue(1);
    assertThat(counting.pieces)
        .hasValue(Math.ceilDiv((int) blob.bytes(), Question.PIECE_BYTES_MAX));
  }

  @Test
  void shouldFetchManyAtOnce() throws Exception {
    List<Blob> blobs = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      blobs.add((i % 2 == 0 ? second : third).put(random(200_000 + i)));
    }

    List<Future<Optional<Blob>>> all = new ArrayList<>();
    blobs.forEach(blob -> all.add(here.peers.obtain(blob.digest(), null)));

    for (int i = 0; i < all.size(); i++) {
      assertThat(await(all.get(i))).contains(blobs.get(i));
      assertThat(here.content(blobs.get(i).digest())).isEqualTo(random(200_000 + i));
    }
  }

  @Test
  void shouldAnswerOnTheContextOfWhoAsks() {
    Blob blob = second.put(random(10));
    var context = here.vertx.getOrCreateContext();
    io.vertx.core.Promise<Boolean> there = io.vertx.core.Promise.promise();

    context.runOnContext(
        now ->
            here.peers
                .obtain(blob.digest(), null)
                .onComplete(done -> there.complete(context.equals(Vertx.currentContext()))));

    assertThat(await(there.future())).isTrue();
  }

  @Test
  void shouldSayThatThisNodesDiskIsFull() throws Exception {
    Path disk = Files.createDirectories(directory.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()) == 0,
        "no right to mount");
    Blob blob = second.put(random(4 << 20));
    third.put(random(4 << 20));
    try (PeerNode small = new PeerNode(here.vertx, presence, "small", directory)) {
      assertThatThrownBy(() -> await(small.peers.obtain(blob.digest(), "second")))
          .isInstanceOfSatisfying(
              ServiceException.class,
              full -> assertThat(full.code()).isEqualTo(ErrorCode.STORAGE_FULL));
      Awaitility.await().until(() -> small.uploads().isEmpty());
    } finally {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void shouldHaveTheOneOtherNodeThatEverybodyWouldPickKeepIt() {
    byte[] content = random(300_000);
    Blob blob = here.put(content);
    String picked = Rendezvous.pick(blob.digest(), List.of("second", "third")).orElseThrow();
    PeerNode keeper = picked.equals("second") ? second : third;
    PeerNode other = picked.equals("second") ? third : second;

    here.peers.spread(blob.digest());
    here.peers.spread(blob.digest());

    Awaitility.await()
        .untilAsserted(() -> assertThat(keeper.blobs.find(blob.digest())).contains(blob));
    assertThat(other.blobs.find(blob.digest())).isEmpty();
  }

  @Test
  void shouldRefuseToBeAskedForWhatIsNoQuestion() {
    for (JsonObject bad :
        List.of(
            new JsonObject(),
            new JsonObject().put("ask", "everything"),
            new JsonObject().put("ask", "piece").put("digest", "../../etc/passwd"))) {
      assertThatThrownBy(() -> await(here.vertx.eventBus().request(Asker.address(second.id), bad)))
          .hasMessageContaining("no question");
    }
  }

  private Interception onPiece(NodeId from, int number, Runnable action) {
    return new Interception(from, number, action);
  }

  /** Counts the pieces that are asked of a node, and does something with one of them. */
  private final class Interception implements Handler<DeliveryContext<JsonObject>>, AutoCloseable {
    private final AtomicInteger pieces = new AtomicInteger();
    private final AtomicInteger first = new AtomicInteger();
    private final String address;
    private final int number;
    private final Runnable action;

    Interception(NodeId from, int number, Runnable action) {
      this.address = Asker.address(from);
      this.number = number;
      this.action = action;
      here.vertx.eventBus().addOutboundInterceptor(this);
    }

    @Override
    public void handle(DeliveryContext<JsonObject> sent) {
      if (sent.message().address().equals(address)
          && sent.body() instanceof JsonObject question
          && "piece".equals(question.getString("ask"))) {
        if (question.getLong("offset") == 0) {
          first.incrementAndGet();
        }
        if (pieces.incrementAndGet() == number) {
          action.run();
        }
      }
      sent.next();
    }

    @Override
    public void close() {
      here.vertx.eventBus().removeOutboundInterceptor(this);
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
