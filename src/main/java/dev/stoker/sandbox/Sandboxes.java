package dev.stoker.sandbox;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunLog;
import dev.stoker.run.ServiceException;
import dev.stoker.sandbox.BootProbe.Abi;
import dev.stoker.sandbox.Layer.State;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts each run's process in the isolation that its tool asks for, and says what this node cannot
 * give. Thread-safe. Whoever made it closes it, before the runner.
 */
public final class Sandboxes implements Starter, Abilities, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

  private final ProcessRunner runner;
  private final Policies policies;
  private final Containers containers;
  private final List<Layer> layers;
  private final Limiter limiter;

  /** Package-private: with layers that a test says were found. */
  Sandboxes(
      ProcessRunner runner,
      Policies policies,
      Containers containers,
      List<Layer> layers,
      Limiter limiter) {
    this.runner = runner;
    this.policies = policies;
    this.containers = containers;
    this.layers = List.copyOf(layers);
    this.limiter = limiter;
  }

  /**
   * Looks what works here, which takes some milliseconds. Blocks.
   *
   * @param cgroups closed by whoever opened it, after the runner
   */
  public static Sandboxes open(SandboxSettings settings, ProcessRunner runner, Cgroups cgroups) {
    BootProbe probe = new BootProbe(runner);
    Abi abi = probe.abi();
    Policies policies = new Policies(settings, abi instanceof Abi.Of(int level) ? level : 0);
    List<Layer> layers = new ArrayList<>(List.of(BootProbe.landlock(abi)));
    if (abi instanceof Abi.Of) {
      layers.addAll(probe.within(policies.bare()));
    }
    Limiter limiter = new Limiter(settings.defaults(), cgroups, runner.takesLimits());
    return new Sandboxes(runner, policies, Containers.open(settings, runner), layers, limiter);
  }

  /** What was found at the start, for tables and logs. */
  public List<Layer> layers() {
    List<Layer> all = new ArrayList<>(layers);
    all.add(containers.layer());
    all.addAll(limiter.layers());
    return all;
  }

  @Override
  public List<String> refusals(ToolDefinition tool) {
    List<String> reasons = new ArrayList<>(limiter.refusals(tool));
    switch (tool.isolation()) {
      case CONFINED ->
          layers.stream()
              .filter(Sandboxes::isMissing)
              .map(Sandboxes::refusal)
              .forEach(reasons::add);
      case NONE -> {
        if (tool.network() == Network.NONE) {
          reasons.add("network: none goes with isolation: confined; allowed under none: host");
        }
      }
      case CONTAINER ->
          containers
              .missing()
              .ifPresent(
                  why ->
                      reasons.add(
                          "isolation: container cannot be given by this node (%s); allowed here: %s"
                              .formatted(why, instead())));
      case FUNCTION -> {
        String level = tool.isolation().name().toLowerCase(Locale.ROOT);
        reasons.add(
            "isolation: " + level + " cannot be given by this node; allowed here: confined, none");
      }
    }
    return reasons;
  }

  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    ToolDefinition tool = launch.tool().definition();
    ProcessSpec spec = launch.spec();
    ProcessSpec isolated =
        switch (tool.isolation()) {
          case NONE -> spec;
          case CONFINED -> confined(launch.tool(), spec);
          case CONTAINER -> containers.wrap(launch.tool(), spec);
          case FUNCTION ->
              throw new IllegalArgumentException(tool.name() + " has no process but a module");
        };
    Limiter.Limited limited = limiter.limit(tool, isolated, listener);
    return runner.start(limited.spec(), limited.listener());
  }

  private String instead() {
    return layers.stream().anyMatch(Sandboxes::isMissing) ? "none" : "confined, none";
  }

  private ProcessSpec confined(Tool tool, ProcessSpec spec) {
    try {
      return spec.confined(policies.of(tool, spec));
    } catch (IllegalArgumentException e) {
      RunLog.of(LOG.atError(), spec.mark())
          .log("tool '{}' cannot be confined: {}", tool.name(), e.getMessage());
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "the tool cannot be confined on this node", e);
    }
  }

  @Override
  public void close() {}

  private static boolean isMissing(Layer layer) {
    return layer.state() == State.MISSING;
  }

  private static String refusal(Layer layer) {
    return "isolation: confined cannot be given by this node (%s: %s); allowed here: none"
        .formatted(layer.name(), layer.words());
  }
}
