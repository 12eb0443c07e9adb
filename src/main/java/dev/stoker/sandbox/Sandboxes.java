package dev.stoker.sandbox;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.RunningProcess;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.ToolDefinition;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts each run's process in the isolation that its tool asks for, and says what this node cannot
 * give. Thread-safe. Whoever made it closes it, before the runner.
 */
public final class Sandboxes implements Starter, Abilities, AutoCloseable {
  private final ProcessRunner runner;
  private final Limiter limiter;

  private Sandboxes(ProcessRunner runner, Limiter limiter) {
    this.runner = runner;
    this.limiter = limiter;
  }

  /**
   * Looks what works here, which takes some milliseconds. Blocks.
   *
   * @param cgroups closed by whoever opened it, after the runner
   */
  public static Sandboxes open(
      SandboxSettings settings, ProcessRunner runner, Cgroups cgroups) {
    return new Sandboxes(runner, new Limiter(settings.defaults(), cgroups, runner.takesLimits()));
  }

  @Override
  public List<String> refusals(ToolDefinition tool) {
    List<String> reasons = new ArrayList<>(limiter.refusals(tool));
    Abilities.bare().refusals(tool).stream()
        .filter(reason -> !reason.startsWith("limits."))
        .forEach(reasons::add);
    return reasons;
  }

  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    Limiter.Limited limited =
        limiter.limit(launch.tool().definition(), launch.spec(), listener);
    return runner.start(limited.spec(), limited.listener());
  }

  @Override
  public void close() {}
}
