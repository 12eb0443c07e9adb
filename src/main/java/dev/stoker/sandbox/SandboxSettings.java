package dev.stoker.sandbox;

import dev.stoker.cgroup.CgroupSettings;
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
 */
public record SandboxSettings(List<Path> readable, Resources defaults, CgroupSettings cgroups) {
  /** Without control groups. */
  public SandboxSettings(List<Path> readable, Resources defaults) {
    this(readable, defaults, new CgroupSettings(new CgroupSettings.Choice.Off(), "none"));
  }

  public SandboxSettings {
    readable = List.copyOf(readable);
  }
}
