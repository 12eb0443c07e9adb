package dev.stoker.peer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.cluster.Members;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Blobs on their way to this node, each once. Confined to one context. */
final class Transfers implements Search.Source {
  private static final int AT_ONCE_MAX = 16;
  private static final int AT_ONCE_PER_NODE_MAX = 4;
  private static final int WAITING_MAX = 1000;

  private final Members members;
  private final BlobStore blobs;
  private final Asker asker;
  private final Map<Digest, Future<Optional<Blob>>> underWay = new HashMap<>();
  private final Turns inAll = new Turns(AT_ONCE_MAX, WAITING_MAX);
  private final Map<NodeId, Turns> perNode = new HashMap<>();

  Transfers(Members members, BlobStore blobs, Asker asker) {
    this.members = members;
    this.blobs = blobs;
    this.asker = asker;
  }

  /** As {@link Peers#obtain}. */
  Future<Optional<Blob>> obtain(Digest digest, @Nullable String likely) {
    Future<Optional<Blob>> now = underWay.get(digest);
    if (now != null) {
      return now;
    }
    Optional<Blob> here = blobs.find(digest);
    if (here.isPresent()) {
      return Future.succeededFuture(here);
    }
    Future<Optional<Blob>> begun = new Search(digest, this).start(likely);
    if (!begun.isComplete()) {
      underWay.put(digest, begun);
      begun.onComplete(done -> underWay.remove(digest));
    }
    return begun;
  }

  @Override
  public List<NodeId> others() {
    return members.present().keySet().stream()
        .filter(node -> !node.equals(members.self()))
        .toList();
  }

  @Override
  public Future<?> has(NodeId node, Digest digest) {
    return asker.ask(node, new Question.Has(digest));
  }

  /** Waits for the node first: one that is slow keeps nobody from the others. */
  @Override
  public Future<Blob> pull(NodeId node, Digest digest) {
    Turns turns =
        perNode.computeIfAbsent(node, first -> new Turns(AT_ONCE_PER_NODE_MAX, WAITING_MAX));
    return turns
        .take(() -> inAll.take(() -> Pull.pull(asker, blobs, digest, node)))
        .onComplete(
            done -> {
              if (turns.idle()) {
                perNode.remove(node, turns);
              }
            });
  }
}
