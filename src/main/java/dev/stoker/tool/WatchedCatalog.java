package dev.stoker.tool;

import dev.stoker.run.ServiceException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A catalog that is read again and again. It reads the files themselves, because notifications do
 * not tell of a link that leads elsewhere, and a rewritten file may have its old size and time.
 */
final class WatchedCatalog implements Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedCatalog.class);

  private final CatalogSettings settings;
  private final LoadedCatalog loaded;
  private final ScheduledExecutorService thread;

  // Confined to the watching thread.
  private CatalogDirectory lastSeen;

  private WatchedCatalog(CatalogSettings settings, LoadedCatalog loaded, CatalogDirectory seen) {
    this.settings = settings;
    this.loaded = loaded;
    this.lastSeen = seen;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("stoker-catalog").daemon().unstarted(task));
  }

  static Catalog open(CatalogSettings settings, Abilities abilities) {
    LoadedCatalog loaded = new LoadedCatalog(settings, abilities);
    CatalogDirectory seen = CatalogDirectory.read(settings.directory());
    loaded.update(seen);
    loaded.refuseProblems();
    if (!settings.watch().isPositive()) {
      return loaded;
    }
    WatchedCatalog watched = new WatchedCatalog(settings, loaded, seen);
    watched.begin();
    return watched;
  }

  private void begin() {
    thread.execute(this::readPrograms);
    long nanos = settings.watch().toNanos();
    var _ = thread.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** Takes over what it has seen twice: between two looks a file may be half written. */
  private void look() {
    try {
      CatalogDirectory now = CatalogDirectory.read(settings.directory());
      if (now.equals(lastSeen)) {
        loaded.update(now);
        readPrograms();
      }
      lastSeen = now;
    } catch (RuntimeException e) {
      // An exception would end the watch for good.
      LOG.error("catalog: cannot look at {}", settings.directory(), e);
    }
  }

  /** So that no request has to wait until a program of many megabytes is read. */
  private void readPrograms() {
    for (Tool tool : loaded.tools()) {
      if (tool.availability() instanceof Availability.Available) {
        try {
          tool.executableDigest();
        } catch (ServiceException e) {
          LOG.debug("catalog: {} has just lost its program", tool.name(), e);
        }
      }
    }
  }

  @Override
  public Optional<Tool> find(String name) {
    return loaded.find(name);
  }

  @Override
  public List<Tool> tools() {
    return loaded.tools();
  }

  @Override
  public List<CatalogProblem> problems() {
    return loaded.problems();
  }

  @Override
  public long generation() {
    return loaded.generation();
  }

  @Override
  public void onChange(Runnable listener) {
    loaded.onChange(listener);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    loaded.close();
  }
}
