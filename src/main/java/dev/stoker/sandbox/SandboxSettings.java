package dev.stoker.sandbox;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition.Resources;
import java.nio.file.Path;
import java.util.List;

/**
 * How this node isolates.
 *
 * @param readable what every confined tool may read, and execute; what is not there is left out
 * @param defaults the resources of a tool that asks for none, as far as this node can hold it to
 *     them
 * @param cgroups where control groups may be made
 * @param temporary how much a container's {@code /tmp} takes, and its {@code /dev/shm}, in memory
 * @param warmMax sandboxes that wait for runs, of all tools together
 * @param warmMemory what those may take together
 */
public record SandboxSettings(
    List<Path> readable,
    Resources defaults,
    CgroupSettings cgroups,
    ByteSize temporary,
    int warmMax,
    ByteSize warmMemory) {
  private static final int WARM_MAX = 64;
  private static final ByteSize WARM_MEMORY = ByteSize.parse("256MiB");
  private static final ByteSize TEMPORARY = ByteSize.parse("64MiB");

  /**
   * Without control groups, with as much for temporary files, and as many that wait, as a node has
   * by default.
   */
  public SandboxSettings(List<Path> readable, Resources defaults) {
    this(
        readable,
        defaults,
        new CgroupSettings(new CgroupSettings.Choice.Off(), "none"),
        TEMPORARY,
        WARM_MAX,
        WARM_MEMORY);
  }

  public SandboxSettings {
    readable = List.copyOf(readable);
  }
}
