package dev.stoker.peer;

import dev.stoker.blob.Blob;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a node that gives a blob. Confined to one context; one use.
 *
 * <pre>
 *   likely ──not given──▶ all others are asked ──one has it──▶ pulled ──not given──▶ the next that has it
 *     └──given──▶ done                  └──────none is left──▶ none ◀──none is left──┘
 * </pre>
 */
final class Search {
  private static final Logger LOG = LoggerFactory.getLogger(Search.class);

  private final Digest digest;
  private final Source source;
  private final Promise<Optional<Blob>> result = Promise.promise();
  private final Set<NodeId> tried = new HashSet<>();
  private final Queue<NodeId> having = new ArrayDeque<>();
  private boolean allAsked;
  private boolean pulling;
  private int unanswered;

  /** How others are reached. */
  interface Source {
    /** All that are present, but this one. */
    List<NodeId> others();

    /** Succeeds when it has the blob. */
    Future<?> has(NodeId node, Digest digest);

    /** Fails with a {@link Pull.NotGivenException} when another may do better. */
    Future<Blob> pull(NodeId node, Digest digest);
  }

  Search(Digest digest, Source source) {
    this.digest = digest;
    this.source = source;
  }

  /** Empty when nobody gives it; fails when this node cannot keep it. */
  Future<Optional<Blob>> start(@Nullable String likely) {
    source.others().stream().filter(node -> node.name().equals(likely)).forEach(having::add);
    next();
    return result.future();
  }

  private void next() {
    if (pulling || result.future().isComplete()) {
      return;
    }
    NodeId node = having.poll();
    if (node != null) {
      pull(node);
    } else if (!allAsked) {
      askAll();
    } else if (unanswered == 0) {
      result.complete(Optional.empty());
    }
  }

  private void askAll() {
    allAsked = true;
    List<NodeId> others = source.others().stream().filter(node -> !tried.contains(node)).toList();
    unanswered = others.size();
    for (NodeId node : others) {
      source
          .has(node, digest)
          .onComplete(
              answer -> {
                unanswered--;
                if (answer.succeeded()) {
                  having.add(node);
                }
                next();
              });
    }
    if (others.isEmpty()) {
      next();
    }
  }

  private void pull(NodeId node) {
    pulling = true;
    tried.add(node);
    source
        .pull(node, digest)
        .onComplete(
            blob -> result.complete(Optional.of(blob)),
            failed -> {
              pulling = false;
              if (failed instanceof Pull.NotGivenException) {
                LOG.debug("{} does not give {}: {}", node, digest, failed.getMessage());
                next();
              } else {
                result.fail(failed);
              }
            });
  }
}
