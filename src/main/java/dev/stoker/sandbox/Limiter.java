package dev.stoker.sandbox;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.Confinement;
import dev.stoker.process.Confinement.Privileges;
import dev.stoker.process.Confinement.Session;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.sandbox.Layer.State;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Holds each run to what its tool asks for, and where it asks for nothing to the node's defaults as
 * far as that can be done here. Thread-safe.
 *
 * <p>Memory, tasks and processor time by control groups where there are any; without, memory and
 * tasks by looking. Files by limits of the process. The work directory's size is the executor's.
 */
final class Limiter {
  private static final String WATCHED =
      "looked at ten times a second: a run may have more for as long";

  private final Resources defaults;
  private final Cgroups cgroups;
  private final boolean takesLimits;
  private final long openFilesMax;

  Limiter(Resources defaults, Cgroups cgroups, boolean takesLimits) {
    this.defaults = defaults;
    this.cgroups = cgroups;
    this.takesLimits = takesLimits;
    this.openFilesMax = openFilesMax();
  }

  /** What limits this node can give, and how. */
  List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    layers.add(new Layer("cgroup", grouped() ? State.WORKS : State.MISSING, cgroups.words()));
    layers.add(layer("limits.memory", limitsMemory()));
    layers.add(layer("limits.pids", limitsTasks()));
    layers.add(
        new Layer(
            "limits.cpu",
            limitsCpu() ? State.WORKS : State.MISSING,
            limitsCpu() ? "by cgroup" : "needs a cgroup's cpu controller"));
    layers.add(
        new Layer(
            "limits.files",
            takesLimits ? State.WORKS : State.MISSING,
            takesLimits
                ? "open files and file sizes, set before the program runs; up to "
                    + openFilesMax
                    + " open files"
                : "open files and file sizes need the native process engine"));
    layers.add(new Layer("limits.disk", State.WORKS, "the work directory is looked at"));
    return layers;
  }

  /** What of a tool's own wishes cannot be given: each key with what is allowed. */
  List<String> refusals(ToolDefinition tool) {
    List<String> reasons = new ArrayList<>();
    if (tool.isolation() == Isolation.FUNCTION) {
      return reasons;
    }
    Resources asked = tool.resources();
    if (asked.cpu() != null && !limitsCpu()) {
      reasons.add(
          "limits.cpu cannot be given by this node (cgroup: %s); allowed here: leave it out"
              .formatted(cgroups.words()));
    }
    need(reasons, "limits.memory", asked.memory(), takesLimits);
    need(reasons, "limits.pids", asked.pids(), takesLimits);
    need(reasons, "limits.openFiles", asked.openFiles(), takesLimits);
    need(reasons, "limits.fileSize", asked.fileSize(), takesLimits);
    if (takesLimits && asked.openFiles() != null && asked.openFiles() > openFilesMax) {
      reasons.add(
          "limits.openFiles: %d is more than this node may have itself; allowed here: 1 to %d"
              .formatted(asked.openFiles(), openFilesMax));
    }
    return reasons;
  }

  /** What a run is held to here: what is null is not limited. */
  Resources effective(ToolDefinition tool) {
    Resources asked = tool.resources();
    return new Resources(
        takesLimits ? or(asked.memory(), defaults.memory()) : null,
        limitsCpu() ? or(asked.cpu(), defaults.cpu()) : null,
        takesLimits ? or(asked.pids(), defaults.pids()) : null,
        or(asked.disk(), defaults.disk()),
        takesLimits ? or(asked.openFiles(), defaults.openFiles()) : null,
        takesLimits ? or(asked.fileSize(), defaults.fileSize()) : null);
  }

  /**
   * Has a run's process held to its tool's limits.
   *
   * @param spec without limits
   */
  Limited limit(ToolDefinition tool, ProcessSpec spec, ProcessListener listener) {
    if (!takesLimits) {
      return new Limited(spec, listener);
    }
    return limit(spec, effective(tool), listener);
  }

  /** Has a process held to these: what is null is not limited. */
  Limited limit(ProcessSpec spec, Resources resources, ProcessListener listener) {
    LimitedRun run = new LimitedRun(cgroups, cell(spec.directory()), resources, listener);
    List<Path> entrances = run.threadEntrances();
    ProcessSpec limited = spec.limited(run.limits());
    return new Limited(entrances.isEmpty() ? limited : born(limited, entrances), run);
  }

  /** From a thread that is in the group already, which costs nothing once it is there. */
  private static ProcessSpec born(ProcessSpec spec, List<Path> in) {
    Confinement confinement = spec.confinement();
    return spec.confined(
        confinement == null
            ? new Confinement(
                spec.directory(), Privileges.KEPT, Session.OWN_SESSION, null, null, in)
            : confinement.joining(in));
  }

  /** What is to be started, and who hears of it. */
  record Limited(ProcessSpec spec, ProcessListener listener) {}

  private boolean grouped() {
    return cgroups.limitsMemory() || cgroups.limitsTasks() || cgroups.limitsCpu();
  }

  private boolean limitsMemory() {
    return takesLimits && cgroups.limitsMemory();
  }

  private boolean limitsTasks() {
    return takesLimits && cgroups.limitsTasks();
  }

  private boolean limitsCpu() {
    return takesLimits && cgroups.limitsCpu();
  }

  private Layer layer(String key, boolean grouped) {
    if (grouped) {
      return new Layer(key, State.WORKS, "by cgroup");
    }
    return takesLimits
        ? new Layer(key, State.LIMITED, WATCHED)
        : new Layer(key, State.MISSING, "needs the native process engine");
  }

  private static void need(
      List<String> reasons, String key, @Nullable Object asked, boolean given) {
    if (asked != null && !given) {
      reasons.add(key + " needs process.engine: native; allowed here: leave it out");
    }
  }

  private static <T> @Nullable T or(@Nullable T asked, @Nullable T byDefault) {
    return asked == null ? byDefault : asked;
  }

  /** Work directories are one run's at a time, and their names are numbers. */
  private static String cell(Path directory) {
    String name = String.valueOf(directory.getFileName());
    return name.matches("[0-9]{1,18}")
        ? name
        : "x" + Integer.toHexString(directory.toString().hashCode());
  }

  /** The hard limit of this process, which no child may exceed. */
  private static long openFilesMax() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max open files")) {
          StringTokenizer words = new StringTokenizer(line.substring("Max open files".length()));
          words.nextToken();
          String hard = words.nextToken();
          return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE;
    }
    return Long.MAX_VALUE;
  }
}
