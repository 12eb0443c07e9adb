package dev.stoker;

import dev.stoker.function.Functions;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Isolation;
import java.util.List;

/** Where each tool's runs get their process from, and so what this node can give it. Immutable. */
record Starters(Sandboxes sandboxes, Functions functions) implements Starter, Abilities {
  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    Starter starter = isFunction(launch.tool().definition()) ? functions : sandboxes;
    return starter.start(launch, listener);
  }

  @Override
  public List<String> refusals(ToolDefinition tool) {
    Abilities abilities = isFunction(tool) ? functions : sandboxes;
    return abilities.refusals(tool);
  }

  private static boolean isFunction(ToolDefinition tool) {
    return tool.isolation() == Isolation.FUNCTION;
  }
}
