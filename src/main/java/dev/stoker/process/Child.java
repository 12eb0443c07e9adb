package dev.stoker.process;

import dev.stoker.run.RunLog;
import dev.stoker.run.StdStream;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process that was asked for: the caller's handle, and the handing over from the thread that
 * spawns it to the loop. Thread-safe.
 *
 * <pre>
 *   QUEUED ──stop──▶ CANCELLED ──▶ onStartFailed
 *     │ a spawning thread takes it
 *   SPAWNING ──error─────────────▶ onStartFailed
 *     │ exec'ed
 *   BORN: there is a {@link ProcessTree}, which the loop owns
 * </pre>
 *
 * An order to stop is written first and then made known to the loop; a birth is published first and
 * then looks for an order. Whichever comes second sees the other.
 */
final class Child implements RunningProcess {
  private static final Logger LOG = LoggerFactory.getLogger(Child.class);

  /** How the tree is to end. */
  enum Order {
    NONE,
    STOP,
    KILL
  }

  private enum Phase {
    QUEUED,
    CANCELLED,
    SPAWNING
  }

  private final long id = Children.nextId();
  private final ProcessSpec spec;
  private final ProcessListener listener;
  private final EventLoop loop;
  private final TreeWatch watch;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.QUEUED);
  private volatile Order order = Order.NONE;
  private volatile @Nullable ProcessTree tree;

  Child(ProcessSpec spec, ProcessListener listener, EventLoop loop, TreeWatch watch) {
    this.spec = spec;
    this.listener = listener;
    this.loop = loop;
    this.watch = watch;
  }

  long id() {
    return id;
  }

  ProcessSpec spec() {
    return spec;
  }

  ProcessListener listener() {
    return listener;
  }

  EventLoop loop() {
    return loop;
  }

  /** It is among the children from now on. */
  void watched() {
    if (spec.limits().needsLooks()) {
      watch.add();
    }
  }

  /** It is not among them any more. */
  void unwatched() {
    if (spec.limits().needsLooks()) {
      watch.remove();
    }
  }

  /** Null until it is born. */
  @Nullable ProcessTree tree() {
    return tree;
  }

  @Override
  public void resume(StdStream stream) {
    loop.post(
        () -> {
          ProcessTree born = tree;
          if (born != null) {
            born.resume(stream);
          }
        });
  }

  @Override
  public void stop() {
    order(Order.STOP);
  }

  @Override
  public void kill() {
    order(Order.KILL);
  }

  @Override
  public long unnamedBytes() {
    ProcessTree born = tree;
    return born == null ? 0 : watch.unnamedBytes(born);
  }

  @Override
  public long memoryBytes() {
    ProcessTree born = tree;
    return born == null ? 0 : watch.memoryBytes(born);
  }

  /** Whether it may be spawned; if not, {@link #startFailed} is due. By the spawning thread. */
  boolean beginSpawning() {
    return phase.compareAndSet(Phase.QUEUED, Phase.SPAWNING);
  }

  /** Nothing came of it. By the spawning thread. */
  void startFailed(StartFailure failure) {
    loop.children().remove(this);
    try {
      listener.onStartFailed(failure);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), spec.mark()).setCause(e).log("the listener failed in onStartFailed");
    }
  }

  /** It runs. By the spawning thread, before the loop can hear of it. */
  void born(ProcessTree born) {
    tree = born;
    try {
      listener.onStarted(born.pid());
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), spec.mark())
          .setCause(e)
          .log("the listener failed in onStarted; the process is killed");
      raise(Order.KILL);
    }
    if (order != Order.NONE) {
      tellLoop();
    }
  }

  private void order(Order wanted) {
    if (raise(wanted)
        && !phase.compareAndSet(Phase.QUEUED, Phase.CANCELLED)
        && phase.get() == Phase.SPAWNING) {
      tellLoop();
    }
  }

  /** Whether this is stricter than what was ordered before. */
  private synchronized boolean raise(Order wanted) {
    if (order.compareTo(wanted) >= 0) {
      return false;
    }
    order = wanted;
    return true;
  }

  private void tellLoop() {
    loop.post(
        () -> {
          ProcessTree born = tree;
          if (born != null) {
            born.obey(order);
          }
        });
  }
}
