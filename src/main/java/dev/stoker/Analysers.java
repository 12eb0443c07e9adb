package dev.stoker;

import dev.stoker.check.CheckSettings;
import dev.stoker.check.Launcher;
import dev.stoker.check.StaticCheck;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.Principal;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.Tool;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the static check's programs are started: as tools that are confined and see no network, where
 * this node can give that. Elsewhere they run as Stoker does: they read scripts and run nothing of
 * them. Immutable.
 */
final class Analysers implements Launcher {
  private static final Logger LOG = LoggerFactory.getLogger(Analysers.class);

  private final Map<String, Tool> confined = new HashMap<>();
  private final Map<String, String> refusals = new TreeMap<>();
  private final Sandboxes sandboxes;
  private final ProcessRunner runner;

  Analysers(
      CheckSettings check, CatalogSettings catalog, Sandboxes sandboxes, ProcessRunner runner) {
    this.sandboxes = sandboxes;
    this.runner = runner;
    for (String program : List.of(check.shellcheck(), check.python())) {
      Tool tool = tool(program, catalog, sandboxes);
      List<String> refused = sandboxes.refusals(tool.definition());
      if (refused.isEmpty()) {
        confined.put(program, tool);
      } else {
        refusals.put(program, String.join("; ", refused));
      }
    }
  }

  @Override
  public RunningProcess start(ProcessSpec spec, ProcessListener listener) {
    Tool tool = confined.get(spec.argv().getFirst());
    return tool == null
        ? runner.start(spec, listener)
        : sandboxes.start(new Launch(tool, Principal.ANONYMOUS, spec), listener);
  }

  /** Tells the operator which of them run without isolation, and why. */
  void log() {
    refusals.forEach(
        (program, why) ->
            LOG.warn(
                "{} reads scripts without isolation, which this node lacks: {}", program, why));
  }

  private static Tool tool(String program, CatalogSettings catalog, Abilities abilities) {
    String text =
        """
        name: analyser
        command: %s
        stdin: required
        isolation: confined
        network: none
        """
            .formatted(JsonArray.of(program).encode());
    return Catalog.of(catalog, abilities, Map.of("analyser.yaml", text)).tools().getFirst();
  }

  /** What a node can give when both say so. */
  static Abilities abilities(Abilities sandboxes, StaticCheck check) {
    return tool -> {
      List<String> reasons = new ArrayList<>(sandboxes.refusals(tool));
      reasons.addAll(check.refusals(tool));
      return reasons;
    };
  }
}
