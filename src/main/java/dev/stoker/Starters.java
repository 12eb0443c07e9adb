package dev.stoker;

import dev.stoker.function.Functions;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.Stdin;
import dev.stoker.sandbox.Cells;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Isolation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where each tool's runs get their process from, and so what this node can give it. Immutable.
 *
 * @param single makes one for each run, or has one ready
 */
record Starters(Sandboxes sandboxes, Functions functions, Starter workers, Starter single)
    implements Starter, Abilities {
  Starters(Sandboxes sandboxes, Functions functions, Starter workers) {
    this(sandboxes, functions, workers, sandboxes);
  }

  /** The same, with some ready. */
  Starters with(Starter warm) {
    return new Starters(sandboxes, functions, workers, warm);
  }

  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    return of(launch.tool().definition()).start(launch, listener);
  }

  @Override
  public void prepare(Cells cells) {
    single.prepare(cells);
  }

  @Override
  public Optional<Path> reserve(Tool tool, Invocation invocation, Stdin stdin) {
    return of(tool.definition()).reserve(tool, invocation, stdin);
  }

  @Override
  public void release(Path directory, Runnable free) {
    single.release(directory, free);
  }

  @Override
  public List<String> refusals(ToolDefinition tool) {
    Abilities abilities = isFunction(tool) ? functions : sandboxes;
    return abilities.refusals(tool);
  }

  private Starter of(ToolDefinition tool) {
    if (isFunction(tool)) {
      return functions;
    }
    return tool.worker() != null ? workers : single;
  }

  private static boolean isFunction(ToolDefinition tool) {
    return tool.isolation() == Isolation.FUNCTION;
  }
}
