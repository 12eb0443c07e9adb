package dev.stoker.config;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.cgroup.CgroupSettings.Choice;
import dev.stoker.run.ByteSize;
import dev.stoker.sandbox.SandboxSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.tool.CatalogSettings.Maxima;
import dev.stoker.tool.ToolDefinition.Resources;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What runs are held to and kept from. Stateless. */
final class IsolationSection {
  private static final double CPU_MAX = 100_000;
  private static final int WARM_MAX = 1000;
  private static final int COUNT_MAX = 1_000_000_000;

  private IsolationSection() {}

  /** The most that a tool may ask for. */
  static Maxima maxima(StokerFile.Limits limits) {
    return new Maxima(
        limits.memory().max(),
        limits.cpu().max(),
        limits.pids().max(),
        limits.disk().max(),
        limits.openFiles().max(),
        limits.fileSize().max());
  }

  /**
   * How this node isolates.
   *
   * @param node its name
   */
  static SandboxSettings settings(StokerFile file, String node) {
    StokerFile.Limits limits = file.limits();
    double cpu = limits.cpu().byDefault();
    if (!(cpu >= 0 && cpu <= limits.cpu().max() && limits.cpu().max() <= CPU_MAX)) {
      throw new ConfigurationException(
          "limits.cpu: %s and %s are not allowed; allowed: 0 to limits.cpu.max, that at most %s"
              .formatted(cpu, limits.cpu().max(), CPU_MAX));
    }
    return new SandboxSettings(
        readable(file.isolation().readable()),
        new Resources(
            size("memory", limits.memory()),
            cpu == 0 ? null : cpu,
            count("pids", limits.pids()),
            size("disk", limits.disk()),
            count("openFiles", limits.openFiles()),
            size("fileSize", limits.fileSize())),
        new CgroupSettings(cgroup(file.isolation().cgroup()), node),
        file.isolation().temporary(),
        Configuration.within("isolation.warm", file.isolation().warm(), 0, WARM_MAX),
        file.isolation().warmMemory());
  }

  private static Choice cgroup(String text) {
    return switch (text) {
      case "auto" -> new Choice.Auto();
      case "off" -> new Choice.Off();
      default -> {
        if (!text.startsWith("/")) {
          throw new ConfigurationException(
              "isolation.cgroup: '"
                  + text
                  + "' is not allowed; allowed: auto, off, or the path of a directory in a cgroup"
                  + " v2 file system");
        }
        yield new Choice.At(Path.of(text).normalize());
      }
    };
  }

  /** What a work directory may hold of a tool that does not say. Null for no limit. */
  static @Nullable ByteSize diskDefault(StokerFile.Limits limits) {
    return size("disk", limits.disk());
  }

  /** Null for none. */
  private static @Nullable ByteSize size(String key, StokerFile.Size limit) {
    Bound<ByteSize> bound = Configuration.size(key, limit);
    return bound.byDefault().bytes() == 0 ? null : bound.byDefault();
  }

  private static @Nullable Integer count(String key, StokerFile.Count limit) {
    String path = "limits." + key;
    int max = Configuration.within(path + ".max", limit.max(), 1, COUNT_MAX);
    int count = Configuration.within(path + ".default", limit.byDefault(), 0, max);
    return count == 0 ? null : count;
  }

  private static List<Path> readable(List<String> paths) {
    for (String path : paths) {
      if (!path.startsWith("/")) {
        throw new ConfigurationException(
            "isolation.readable: '" + path + "' is not allowed; allowed: absolute paths");
      }
    }
    return paths.stream().map(path -> Path.of(path).normalize()).toList();
  }
}
