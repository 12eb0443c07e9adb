package dev.stoker;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.check.StaticCheck;
import dev.stoker.config.Inspection;
import dev.stoker.config.Overrides;
import dev.stoker.process.ProcessRunner;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * A catalog on this machine as a node would have it, without a server and without its data.
 * Confined to one thread, which closes it.
 */
final class Workbench implements AutoCloseable {
  private final Path scratch;
  private final Path directory;
  private final ProcessRunner runner;
  private final Cgroups cgroups;
  private final Sandboxes sandboxes;
  private final IsolationTable isolation;
  private final StaticCheck check;
  private final Catalog catalog;

  private Workbench(CommonOptions common) throws IOException {
    scratch = Files.createTempDirectory("stoker-tools-");
    Overrides overrides = new Overrides(common.config, common.catalog, null, null, null);
    Inspection settings;
    try {
      settings = CommonOptions.configuration().inspection(overrides, scratch);
    } catch (RuntimeException e) {
      remove(scratch);
      throw e;
    }
    directory = settings.catalog().directory();
    runner = ProcessRunner.open(settings.process());
    cgroups = Cgroups.open(settings.sandbox().cgroups());
    sandboxes = Sandboxes.open(settings.sandbox(), runner, cgroups);
    isolation = IsolationTable.of(sandboxes.layers(), sandboxes, settings.catalog());
    check =
        StaticCheck.open(
            settings.check(),
            new Analysers(settings.check(), settings.catalog(), sandboxes, runner),
            new Metrics(new SimpleMeterRegistry()));
    catalog = Catalog.check(settings.catalog(), Analysers.abilities(sandboxes, check));
  }

  /**
   * Reads the catalog, whatever is wrong with it, and looks what this machine can give. Blocks.
   *
   * @throws StartupException with one line for the operator
   */
  static Workbench open(CommonOptions common) {
    try {
      return new Workbench(common);
    } catch (IOException e) {
      throw new StartupException("no scratch directory: " + e.getMessage(), e);
    }
  }

  Catalog catalog() {
    return catalog;
  }

  /** Where the catalog's files are. */
  Path directory() {
    return directory;
  }

  IsolationTable isolation() {
    return isolation;
  }

  StaticCheck check() {
    return check;
  }

  @Override
  public void close() {
    catalog.close();
    check.close();
    sandboxes.close();
    runner.close();
    cgroups.close();
    remove(scratch);
  }

  private static void remove(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> files = all.sorted(Comparator.reverseOrder()).toList();
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LoggerFactory.getLogger(Workbench.class).warn("cannot remove {}", directory, e);
    }
  }
}
