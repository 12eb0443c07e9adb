package dev.stoker.cluster;

import dev.stoker.cluster.NodeInfo.LayerMark;
import dev.stoker.cluster.NodeInfo.ToolMark;
import dev.stoker.run.NodeId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@link NodeInfo} as it travels: JSON, so that another version of Stoker reads it too. */
final class NodeInfoText {
  private NodeInfoText() {}

  static String write(NodeInfo info) {
    JsonObject tools = new JsonObject();
    info.tools()
        .forEach(
            (name, mark) -> tools.put(name, JsonArray.of(mark.definition(), mark.executable())));
    JsonArray layers = new JsonArray();
    info.layers()
        .forEach(layer -> layers.add(JsonArray.of(layer.name(), layer.state(), layer.words())));
    return new JsonObject()
        .put("id", info.id().toString())
        .put("version", info.version())
        .put("http", info.http())
        .put("startedAt", info.startedAt().toString())
        .put("slots", info.slots())
        .put("draining", info.draining())
        .put("processes", info.processes())
        .put("isolation", new JsonArray(info.isolation()))
        .put("layers", layers)
        .put("tools", tools)
        .encode();
  }

  /**
   * Reads {@link #write}.
   *
   * @throws RuntimeException when the text is none of ours
   */
  static NodeInfo read(String text) {
    JsonObject json = new JsonObject(text);
    return new NodeInfo(
        NodeId.parse(json.getString("id")),
        json.getString("version"),
        json.getString("http"),
        Instant.parse(json.getString("startedAt")),
        json.getInteger("slots"),
        json.getBoolean("draining"),
        json.getString("processes"),
        isolation(json.getJsonArray("isolation")),
        layers(json.getJsonArray("layers", new JsonArray())),
        tools(json.getJsonObject("tools")));
  }

  private static List<String> isolation(JsonArray levels) {
    return levels.stream().map(String::valueOf).toList();
  }

  /** A node of an earlier version says nothing of them. */
  private static List<LayerMark> layers(JsonArray json) {
    List<LayerMark> layers = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      JsonArray layer = json.getJsonArray(i);
      layers.add(new LayerMark(layer.getString(0), layer.getString(1), layer.getString(2)));
    }
    return layers;
  }

  private static Map<String, ToolMark> tools(JsonObject json) {
    Map<String, ToolMark> tools = new HashMap<>();
    for (String name : json.fieldNames()) {
      JsonArray mark = json.getJsonArray(name);
      tools.put(name, new ToolMark(mark.getString(0), mark.getString(1)));
    }
    return tools;
  }
}
