package dev.stoker.nemesis;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.stoker.nemesis.Network.Direction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/**
 * Does harm to one node after the other, and undoes it. Every kind comes once before any comes
 * again. Confined to its thread.
 */
final class Nemesis implements Runnable {
  private enum Blow {
    KILL,
    KILL_AGAIN,
    TERMINATE,
    PAUSE,
    CUT,
    CUT_INWARD,
    CUT_OUTWARD
  }

  private static final long PAUSE_MILLIS = 10_000;
  private static final long REST_MILLIS_MAX = 1500;

  private final TestCluster cluster;
  private final Random random;
  private final CountDownLatch over;
  private final List<Blow> deck = new ArrayList<>();

  /** The same seed does the same harm in the same order. */
  Nemesis(TestCluster cluster, long seed, CountDownLatch over) {
    this.cluster = cluster;
    this.random = new Random(seed);
    this.over = over;
  }

  @Override
  public void run() {
    try {
      while (!over.await(random.nextLong(REST_MILLIS_MAX), MILLISECONDS)) {
        if (deck.isEmpty()) {
          Collections.addAll(deck, Blow.values());
          Collections.shuffle(deck, random);
        }
        strike(deck.removeLast(), random.nextInt(cluster.size()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void strike(Blow blow, int node) throws InterruptedException {
    long millis = blow == Blow.PAUSE ? PAUSE_MILLIS : 1000 + random.nextInt(4000);
    if (!cluster.node(node).isAlive()) {
      return;
    }
    System.out.println("nemesis: " + blow + " node " + node + " for " + millis + " ms");
    switch (blow) {
      case KILL, KILL_AGAIN -> {
        cluster.kill9(node);
        last(millis);
        cluster.restart(node);
      }
      case TERMINATE -> {
        cluster.terminate(node);
        last(millis / 2);
        cluster.restart(node);
      }
      case PAUSE -> {
        cluster.pause(node);
        last(millis);
        cluster.resume(node);
      }
      case CUT -> {
        cluster.cut(node);
        last(2 * millis);
        cluster.heal(node);
      }
      case CUT_INWARD -> oneWay(node, Direction.INWARD, 2 * millis);
      case CUT_OUTWARD -> oneWay(node, Direction.OUTWARD, 2 * millis);
    }
  }

  private void oneWay(int node, Direction direction, long millis) throws InterruptedException {
    cluster.cutOneWay(node, direction);
    last(millis);
    cluster.heal(node);
  }

  /** Cut short when it is all over. */
  private void last(long millis) throws InterruptedException {
    boolean _ = over.await(millis, MILLISECONDS);
  }
}
