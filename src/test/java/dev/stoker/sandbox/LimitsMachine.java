package dev.stoker.sandbox;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.cgroup.CgroupSettings.Choice;
import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The limits on a machine that has nothing but version 2, started in a subtree that is its own: see
 * bin/verify-cgroup2. Prints a line for each trial and exits with the number of those that failed.
 */
final class LimitsMachine {
  private static final CgroupSettings SETTINGS =
      new CgroupSettings(new Choice.Auto(), "machine-abcd");

  private interface Trial {
    void run() throws Exception;
  }

  private LimitsMachine() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Files.createTempDirectory("limits");
    Path own = Path.of("/sys/fs/cgroup/service");
    int failed = 0;
    // One that an earlier life has left, with somebody in it.
    Path left = Files.createDirectories(own.resolve("stoker.machine-abcd/r7"));
    try (Cgroups cgroups = Cgroups.open(SETTINGS)) {
      System.out.println("found: " + cgroups.words());
      try (ProcessRunner runner = ProcessRunner.open(new ProcessSettings(2, EngineChoice.NATIVE))) {
        LimitsTrial trial = new LimitsTrial(runner, cgroups, root);
        Map<String, Trial> trials = new TreeMap<>();
        trials.put(
            "version 2 is found, with all controllers",
            () ->
                expect(
                    cgroups.words().startsWith("version 2: memory, pids, cpu in " + own),
                    cgroups.words()));
        trials.put(
            "what an earlier life left is removed", () -> expect(!Files.exists(left), left + ""));
        trials.put("a memory bomb ends, its neighbour lives", trial::memoryBomb);
        trials.put("a memory bomb in a child ends the run", trial::memoryBombInAChild);
        trials.put("memory is counted of all processes", trial::memoryOfAllTogether);
        trials.put("what is allowed is not minded", trial::enoughMemory);
        trials.put("a fork bomb is held, its neighbour lives", trial::forkBomb);
        trials.put("too many processes are told", trial::tooManyProcesses);
        trials.put("open files are limited", trial::openFiles);
        trials.put("a too large file ends the run", trial::fileSize);
        trials.put("a quota slows down", trial::cpuQuota);
        trials.put("the usage is that of all", trial::usageOfAll);
        trials.put("nothing of the run before is counted", trial::nothingOfTheRunBefore);
        for (Map.Entry<String, Trial> each : trials.entrySet()) {
          failed += attempt(each.getKey(), each.getValue());
        }
      }
    }
    failed +=
        attempt("no group is left behind", () -> expect(groups(own).isEmpty(), groups(own) + ""));
    System.out.println(failed == 0 ? "CGROUP2 PASSED" : "CGROUP2 FAILED: " + failed);
    System.exit(failed);
  }

  private static int attempt(String name, Trial trial) {
    long since = System.nanoTime();
    try {
      trial.run();
      System.out.println(
          "ok      " + name + " (" + (System.nanoTime() - since) / 1_000_000 + " ms)");
      return 0;
    } catch (Exception | AssertionError e) {
      System.out.println("FAILED  " + name + ": " + e);
      return 1;
    }
  }

  private static void expect(boolean holds, String words) {
    if (!holds) {
      throw new AssertionError(words);
    }
  }

  private static List<Path> groups(Path own) throws IOException {
    try (Stream<Path> entries = Files.list(own)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }
}
