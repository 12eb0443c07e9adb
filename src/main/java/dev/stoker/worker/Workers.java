package dev.stoker.worker;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.ByteSize;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Tool;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tools that have a {@code worker} in processes that serve one run after the other. A run then
 * is a request to such a process: its arguments are the tool's command without the program, its
 * standard output is the answer's, it has no standard error, and its files are copies in a
 * directory of the worker's own. Thread-safe.
 *
 * <p>A run that is stopped is over when its worker has broken it off or is dead, but for one case:
 * it hangs beside others that may not run twice. Then it is over at once, and its worker dies when
 * the others are over.
 *
 * <p>Whoever made it closes it, before the starter.
 */
public final class Workers implements Starter, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
  private static final long CLOSE_SECONDS = 6;

  private final WorkerSettings settings;
  private final Starter cold;
  private final WorkerThreads threads = new WorkerThreads();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong names = new AtomicLong();
  private final AtomicLong cells = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch allGone = new CountDownLatch(1);

  /** By name; each as small as a name when it has nothing to do. */
  private final Map<String, ToolWorkers> tools = new ConcurrentHashMap<>();

  // Owned by the workers' thread.
  private int living;
  private boolean ending;

  private Workers(WorkerSettings settings, Starter cold) {
    this.settings = settings;
    this.cold = cold;
  }

  /**
   * Has no worker yet. Blocks.
   *
   * @param cold starts the workers' processes, in the isolation that their tool asks for
   * @throws IOException when the directory cannot be made or emptied
   */
  public static Workers open(WorkerSettings settings, Starter cold) throws IOException {
    WorkerCell.prepare(settings.directory());
    return new Workers(settings, cold);
  }

  /**
   * Has a worker of the tool, which has a {@code worker}, work the run soon.
   *
   * @throws IllegalStateException when it is closed
   */
  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    if (closed.get()) {
      throw new IllegalStateException("start of " + launch.spec().mark() + ": it is closed");
    }
    ToolWorkers tool =
        tools.computeIfAbsent(launch.tool().name(), name -> new ToolWorkers(new Shared()));
    WorkerRequest request = new WorkerRequest(launch, listener, tool, numbers.incrementAndGet());
    threads.post(() -> tool.submit(request));
    return request;
  }

  /**
   * Who there is, by tool; tools that have had no run yet are not in it. The future is completed by
   * the workers' thread, and never once this is closed.
   */
  public CompletableFuture<Map<String, Census>> census() {
    CompletableFuture<Map<String, Census>> told = new CompletableFuture<>();
    threads.post(
        () -> {
          Map<String, Census> all = new HashMap<>();
          tools.forEach((name, workers) -> all.put(name, workers.census()));
          told.complete(all);
        });
    return told;
  }

  /** Ends all workers, and what they are at, with KILL. Blocks for some seconds at most. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    threads.post(
        () -> {
          ending = true;
          tools.values().forEach(ToolWorkers::close);
          signalGone();
        });
    try {
      if (!allGone.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.error("workers were not over within {} s of the end", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.close();
  }

  private void signalGone() {
    if (ending && living == 0) {
      allGone.countDown();
    }
  }

  private final class Shared implements ToolWorkers.Host {
    @Override
    public WorkerThreads threads() {
      return threads;
    }

    @Override
    public Starter starter() {
      return cold;
    }

    @Override
    public WorkerCell makeCell() throws IOException {
      return WorkerCell.make(settings.directory(), cells.incrementAndGet());
    }

    @Override
    public String nameFor(Tool tool) {
      return tool.name() + "-" + names.incrementAndGet();
    }

    @Override
    public @Nullable ByteSize memory() {
      return settings.memory();
    }

    @Override
    public void added() {
      living++;
    }

    @Override
    public void removed() {
      living--;
      signalGone();
    }
  }
}
