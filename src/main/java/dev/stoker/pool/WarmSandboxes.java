package dev.stoker.pool;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.Digest;
import dev.stoker.run.Principal;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.sandbox.Cells;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.Pool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps sandboxes ready for the tools that ask for it ({@code pool}), each in a work directory of
 * its own and each for one run, whoever asks for that: made as a cold run's would be, with a shell
 * in it that waits for the run. A run for which none is ready gets a cold one.
 *
 * <p>Thread-safe: its lock guards all that changes, and nothing is called while it is held. One
 * thread, {@code stoker-warm}, makes them, and looks once a second whether those that wait are what
 * their tools want: not too old, and of the tool's entry and files as they are. Whoever opened it
 * closes it, before the starter that it stands on.
 */
public final class WarmSandboxes implements Starter, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmSandboxes.class);
  private static final long LOOK_MILLIS = 1000;
  private static final long CLOSE_MAX_SECONDS = 5;

  /** Making namespaces beside a run that has just begun doubles what that run takes. */
  private static final long REFILL_MILLIS = 5;

  /** At once, so that runs are not kept from their processors. */
  private static final int MAKING_MAX = 4;

  private final WarmSettings settings;
  private final Catalog catalog;
  private final Starter cold;
  private final String markPrefix;
  private final Keeper keeper = new Keeper();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("stoker-warm").daemon().factory());

  // Under the lock.
  private final Map<String, WarmPool> pools = new HashMap<>();
  private final Set<WarmSandbox> owned = new HashSet<>();
  private final Map<Path, WarmSandbox> reserved = new HashMap<>();
  private @Nullable Cells cells;
  private long made;
  private long taken;
  private long missed;
  private long lost;
  private boolean refilling;
  private boolean closed;

  private WarmSandboxes(WarmSettings settings, Catalog catalog, Starter cold, String markPrefix) {
    this.settings = settings;
    this.catalog = catalog;
    this.cold = cold;
    this.markPrefix = markPrefix;
  }

  /**
   * Opens it. It begins when it is told where to take work directories from.
   *
   * @param cold what makes a sandbox
   * @param markPrefix of this node's processes
   */
  public static WarmSandboxes open(
      WarmSettings settings, Catalog catalog, Starter cold, String markPrefix) {
    return new WarmSandboxes(settings, catalog, cold, markPrefix);
  }

  /** How they do. */
  public synchronized WarmCounts counts() {
    Map<String, Integer> ready = new HashMap<>();
    pools.forEach((tool, pool) -> ready.put(tool, pool.ready()));
    return new WarmCounts(ready, taken, missed, lost);
  }

  @Override
  public void prepare(Cells from) {
    synchronized (this) {
      cells = from;
    }
    var _ = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    catalog.onChange(this::lookSoon);
  }

  @Override
  public Optional<Path> reserve(Tool tool, Invocation invocation, Stdin stdin) {
    if (tool.definition().pool() == null) {
      return Optional.empty();
    }
    Optional<Path> cell =
        fits(tool, invocation, stdin) ? next(tool).map(WarmSandbox::cell) : Optional.empty();
    synchronized (this) {
      taken += cell.isPresent() ? 1 : 0;
      missed += cell.isPresent() ? 0 : 1;
    }
    refill(tool.name());
    return cell;
  }

  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    WarmSandbox sandbox;
    synchronized (this) {
      sandbox = reserved.remove(launch.spec().directory());
    }
    RunningProcess process = sandbox == null ? null : sandbox.take(launch.spec(), listener);
    // One that has died meanwhile has left the directory as it was.
    return process == null ? cold.start(launch, listener) : process;
  }

  @Override
  public void release(Path directory, Runnable free) {
    WarmSandbox sandbox;
    synchronized (this) {
      sandbox = reserved.remove(directory);
    }
    if (sandbox == null) {
      free.run();
    } else {
      sandbox.discard(free);
    }
  }

  /** Ends all that wait, and waits for that up to five seconds. Idempotent. */
  @Override
  public void close() {
    List<WarmSandbox> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(owned);
      all.addAll(reserved.values());
    }
    all.forEach(sandbox -> sandbox.discard(() -> {}));
    long sinceNanos = System.nanoTime();
    boolean interrupted = false;
    synchronized (this) {
      while (!owned.isEmpty()
          && System.nanoTime() - sinceNanos < TimeUnit.SECONDS.toNanos(CLOSE_MAX_SECONDS)) {
        try {
          wait(100);
        } catch (InterruptedException e) {
          interrupted = true;
          break;
        }
      }
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_MAX_SECONDS, TimeUnit.SECONDS)) {
        LOG.error("the thread that makes sandboxes does not end");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a shell that waits can become this run's program as it would be started cold. */
  private static boolean fits(Tool tool, Invocation invocation, Stdin stdin) {
    if (!(tool.availability() instanceof Availability.Available(Path program))
        || stdin instanceof Stdin.Blob) {
      return false;
    }
    int characters =
        invocation.argv().stream().mapToInt(String::length).sum()
            + invocation.environment().values().stream().mapToInt(String::length).sum();
    return characters < WarmShell.LINE_BYTES_MAX
        && WarmShell.takes(invocation.argv(), invocation.environment(), program);
  }

  /** One that is reserved now. */
  private Optional<WarmSandbox> next(Tool tool) {
    Digest files = files(tool);
    while (files != null) {
      WarmSandbox sandbox;
      synchronized (this) {
        WarmPool pool = pools.get(tool.name());
        sandbox = pool == null || closed ? null : pool.next();
        if (sandbox != null && isWanted(sandbox, tool, files) && sandbox.reserve()) {
          owned.remove(sandbox);
          reserved.put(sandbox.cell(), sandbox);
          return Optional.of(sandbox);
        }
      }
      if (sandbox == null) {
        return Optional.empty();
      }
      sandbox.discard(() -> {});
    }
    return Optional.empty();
  }

  private static boolean isWanted(WarmSandbox sandbox, Tool tool, Digest files) {
    Pool pool = tool.definition().pool();
    return pool != null
        && sandbox.isOf(tool.digest(), files)
        && !sandbox.isOlderThan(pool.maxAge().toNanos());
  }

  private static @Nullable Digest files(Tool tool) {
    try {
      return tool.executableDigest();
    } catch (ServiceException e) {
      return null;
    }
  }

  private void lookSoon() {
    synchronized (this) {
      if (closed || cells == null) {
        return;
      }
    }
    try {
      thread.execute(this::look);
    } catch (java.util.concurrent.RejectedExecutionException e) {
      LOG.debug("closed meanwhile", e);
    }
  }

  /** At once where none is left, else when a short run is over. */
  private void refill(String tool) {
    boolean soon;
    synchronized (this) {
      WarmPool pool = pools.get(tool);
      soon = pool == null || pool.ready() == 0;
      if (!soon && (refilling || closed)) {
        return;
      }
      refilling |= !soon;
    }
    if (soon) {
      lookSoon();
      return;
    }
    try {
      var _ = thread.schedule(this::look, REFILL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.RejectedExecutionException e) {
      LOG.debug("closed meanwhile", e);
    }
  }

  /** Ends those that are not wanted any more, and makes those that are missing. */
  private void look() {
    synchronized (this) {
      refilling = false;
    }
    try {
      measure();
      Map<String, Digest> current = new HashMap<>();
      for (Tool tool : catalog.tools()) {
        Digest files =
            tool.definition().pool() != null
                    && tool.availability() instanceof Availability.Available
                ? files(tool)
                : null;
        if (files != null) {
          current.put(tool.name(), files);
          unwanted(tool, files).forEach(sandbox -> sandbox.discard(() -> {}));
          fill(tool, files);
        }
      }
      ofOthers(current.keySet()).forEach(sandbox -> sandbox.discard(() -> {}));
    } catch (RuntimeException e) {
      LOG.error("the sandboxes that wait cannot be looked after", e);
    }
  }

  private synchronized List<WarmSandbox> unwanted(Tool tool, Digest files) {
    WarmPool pool = pools.get(tool.name());
    List<WarmSandbox> unwanted =
        pool == null
            ? List.of()
            : pool.all().stream().filter(each -> !isWanted(each, tool, files)).toList();
    unwanted.forEach(pool == null ? each -> {} : pool::remove);
    return unwanted;
  }

  private synchronized List<WarmSandbox> ofOthers(Set<String> tools) {
    List<WarmSandbox> others = new ArrayList<>();
    pools.entrySet().stream()
        .filter(entry -> !tools.contains(entry.getKey()))
        .forEach(entry -> others.addAll(entry.getValue().all()));
    pools.keySet().retainAll(tools);
    return others;
  }

  private void fill(Tool tool, Digest files) {
    Pool pool = tool.definition().pool();
    while (pool != null && mayMake(tool, pool)) {
      Cells from = cells();
      try {
        make(tool, files, from.make());
      } catch (IOException e) {
        LOG.error("no work directory for a sandbox of tool '{}'", tool.name(), e);
        failed(tool.name());
      }
    }
  }

  private synchronized Cells cells() {
    if (cells == null) {
      throw new IllegalStateException("sandboxes are made before there are directories for them");
    }
    return cells;
  }

  private synchronized boolean mayMake(Tool tool, Pool wanted) {
    WarmPool pool = pools.computeIfAbsent(tool.name(), name -> new WarmPool());
    int making = pools.values().stream().mapToInt(WarmPool::making).sum();
    return !closed
        && pool.size() < wanted.warm()
        && owned.size() < settings.max()
        && memoryBytes() + pool.bytes(1) - pool.bytes(0) <= settings.memoryBytesMax()
        && making < MAKING_MAX
        && !pool.isPaused(System.nanoTime());
  }

  /** Those of one tool are alike: the first tells how large each is. */
  private void measure() {
    Map<WarmPool, WarmSandbox> unmeasured = new HashMap<>();
    synchronized (this) {
      for (WarmPool pool : pools.values()) {
        WarmSandbox first = pool.unmeasured();
        if (first != null) {
          unmeasured.put(pool, first);
        }
      }
    }
    unmeasured.forEach(
        (pool, sandbox) -> {
          long bytes = sandbox.memoryBytes();
          synchronized (this) {
            pool.measured(bytes);
          }
        });
  }

  /** What all that wait take of the memory, as far as it is known. */
  synchronized long memoryBytes() {
    return pools.values().stream().mapToLong(pool -> pool.bytes(0)).sum();
  }

  private synchronized void failed(String tool) {
    pools.computeIfAbsent(tool, name -> new WarmPool()).failed(System.nanoTime());
  }

  private void make(Tool tool, Digest files, Path cell) {
    WarmSandbox sandbox = new WarmSandbox(tool.name(), tool.digest(), files, cell, keeper);
    long number;
    synchronized (this) {
      pools.computeIfAbsent(tool.name(), name -> new WarmPool()).making(sandbox);
      owned.add(sandbox);
      number = ++made;
    }
    ProcessSpec spec =
        new ProcessSpec(
            markPrefix + "warm-" + number,
            WarmShell.PROGRAM,
            WarmShell.argv(),
            Map.of("HOME", cell.toString(), "TMPDIR", cell.toString()),
            cell,
            sandbox.input(),
            tool.definition().grace(),
            settings.drain());
    try {
      sandbox.startedAs(cold.start(new Launch(tool, Principal.ANONYMOUS, spec), sandbox));
    } catch (IllegalStateException | ServiceException e) {
      LOG.warn("no sandbox for tool '{}': {}", tool.name(), e.getMessage());
      keeper.gone(sandbox);
    }
  }

  private final class Keeper implements WarmSandbox.Keeper {
    @Override
    public void ready(WarmSandbox sandbox) {
      synchronized (WarmSandboxes.this) {
        WarmPool pool = pools.get(sandbox.tool());
        if (pool != null) {
          pool.ready(sandbox);
        }
      }
      // More may be made now.
      lookSoon();
    }

    @Override
    public void gone(WarmSandbox sandbox) {
      boolean died = !sandbox.isUnwanted();
      Cells from;
      synchronized (WarmSandboxes.this) {
        from = owned.contains(sandbox) ? cells : null;
        lost += died ? 1 : 0;
        WarmPool pool = pools.get(sandbox.tool());
        if (pool != null) {
          pool.remove(sandbox);
          if (died) {
            pool.failed(System.nanoTime());
          }
        }
      }
      if (died) {
        LOG.warn("a sandbox that waited for tool '{}' died: {}", sandbox.tool(), sandbox.said());
      }
      if (from != null) {
        recycle(from, sandbox.cell());
      }
      // Last: whoever closes waits for this, and then lets only what is queued be done.
      synchronized (WarmSandboxes.this) {
        owned.remove(sandbox);
        WarmSandboxes.this.notifyAll();
      }
      lookSoon();
    }

    private void recycle(Cells from, Path cell) {
      try {
        thread.execute(() -> from.recycle(cell));
      } catch (java.util.concurrent.RejectedExecutionException e) {
        // The next start empties what is left.
        LOG.debug("closed meanwhile", e);
      }
    }
  }
}
