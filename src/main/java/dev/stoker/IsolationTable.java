package dev.stoker;

import dev.stoker.cluster.NodeInfo.LayerMark;
import dev.stoker.sandbox.Layer;
import dev.stoker.sandbox.Layer.State;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node's isolation and limits are made of, as it was found at the start, in each form in
 * which it is told. Immutable.
 *
 * @param layers in the order in which they are shown
 * @param levels that a tool may ask for here
 */
record IsolationTable(List<Layer> layers, List<String> levels) {
  private static final Logger LOG = LoggerFactory.getLogger(IsolationTable.class);

  /** A tool that asks for nothing but the level. */
  private static final Map<String, String> PROBES =
      Map.of(
          "confined", "command: [probe]",
          "container", "command: [probe]",
          "function", "module: /probe.wasm\ncommand: [probe]",
          "none", "command: [probe]");

  IsolationTable {
    layers = List.copyOf(layers);
    levels = List.copyOf(levels);
  }

  /** The levels are those that {@code abilities} do not refuse. */
  static IsolationTable of(List<Layer> layers, Abilities abilities, CatalogSettings settings) {
    List<String> levels = new ArrayList<>();
    PROBES.keySet().stream()
        .sorted()
        .filter(level -> isGiven(level, abilities, settings))
        .forEach(levels::add);
    return new IsolationTable(layers, levels);
  }

  private static boolean isGiven(String level, Abilities abilities, CatalogSettings settings) {
    String text = "name: probe\nisolation: " + level + "\n" + PROBES.get(level) + "\n";
    return Catalog.of(settings, abilities, Map.of("probe.yaml", text)).tools().stream()
        .allMatch(tool -> abilities.refusals(tool.definition()).isEmpty());
  }

  /** One line for each layer, under a line of the levels; ends with a newline. */
  String text() {
    int width = layers.stream().mapToInt(layer -> layer.name().length()).max().orElse(1);
    return layers.stream()
            .map(
                layer ->
                    ("%-" + width + "s  %-7s  %s%n")
                        .formatted(layer.name(), word(layer.state()), layer.words()))
            .collect(
                Collectors.joining(
                    "  ", "Isolation that this machine can give: " + levelText() + "\n  ", ""))
            .stripTrailing()
        + "\n";
  }

  /** The levels, and what is missing. */
  String line() {
    String missing =
        layers.stream()
            .filter(layer -> layer.state() == State.MISSING)
            .map(Layer::name)
            .collect(Collectors.joining(", "));
    return levelText() + (missing.isEmpty() ? "" : ". Missing: " + missing);
  }

  private String levelText() {
    return String.join(", ", levels);
  }

  /** Tells the operator: as a warning where something is less than it could be. */
  void log() {
    String text = text().stripTrailing();
    if (layers.stream().allMatch(layer -> layer.state() == State.WORKS)) {
      LOG.info("{}", text);
    } else {
      LOG.warn("{}", text);
    }
  }

  /** For the other nodes, and for {@code /v1/nodes}. */
  List<LayerMark> marks() {
    return layers.stream()
        .map(layer -> new LayerMark(layer.name(), word(layer.state()), layer.words()))
        .toList();
  }

  void register(Metrics metrics) {
    for (Layer layer : layers) {
      for (State state : State.values()) {
        metrics.gauge(
            new Metrics.About(
                "isolation.layer",
                "What isolation and limits are made of: 1 for the state that it is in"),
            Map.of("layer", layer.name(), "state", word(state)),
            () -> state == layer.state() ? 1 : 0);
      }
    }
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
