package dev.stoker.gateway;

import dev.stoker.audit.Action;
import dev.stoker.audit.Audit;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.exchange.Exchange;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The nodes of the cluster: what each is, has to do, and can run. Thread-safe. */
final class NodeRoutes {
  private static final Comparator<NodeId> ORDER =
      Comparator.comparing(NodeId::name).thenComparingLong(NodeId::epoch);

  private final Nodes nodes;
  private final Audited audited;

  NodeRoutes(Nodes nodes, Audit audit) {
    this.nodes = nodes;
    this.audited = new Audited(audit);
  }

  /** {@code GET /v1/nodes}. */
  Future<Void> list(Exchange exchange) {
    Map<NodeId, Nodes.Load> loads = nodes.loads().get();
    JsonArray told = new JsonArray();
    for (NodeInfo node : present()) {
      told.add(encode(node, loads.get(node.id())));
    }
    exchange.json(200, new JsonObject().put("nodes", told));
    return Future.succeededFuture();
  }

  /** {@code GET /v1/nodes/{id}}. */
  Future<Void> get(Exchange exchange) {
    NodeInfo node = find(exchange.path("id"));
    exchange.json(200, encode(node, nodes.loads().get().get(node.id())));
    return Future.succeededFuture();
  }

  /** {@code POST /v1/nodes/{id}/drain}. */
  Future<Void> drain(Exchange exchange) {
    String id = exchange.path("id");
    return audited
        .tell(
            exchange,
            Audited.asked(Action.DRAIN, exchange).node(id),
            () -> {
              NodeInfo node = find(id);
              return exchange.here(nodes.drains().drain(node.id())).map(heard -> node);
            })
        .map(
            node -> {
              Nodes.Load load = nodes.loads().get().get(node.id());
              // It has heard it, though its word to the others may still be under way.
              exchange.json(202, encode(node, load).put("state", "draining"));
              return null;
            });
  }

  private List<NodeInfo> present() {
    List<NodeInfo> present = new ArrayList<>(nodes.members().present().values());
    present.sort(Comparator.comparing(NodeInfo::id, ORDER));
    return present;
  }

  /** By name, or by name and epoch; of two lives of one name the later counts. */
  private NodeInfo find(String id) {
    List<NodeInfo> present = present();
    return present.reversed().stream()
        .filter(node -> node.id().name().equals(id) || node.id().toString().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.NODE_NOT_FOUND,
                    "there is no such node; there are: "
                        + present.stream()
                            .map(node -> node.id().toString())
                            .collect(Collectors.joining(", "))));
  }

  private JsonObject encode(NodeInfo node, Nodes.@Nullable Load load) {
    boolean self = node.id().equals(nodes.members().self());
    boolean draining = self ? nodes.draining().getAsBoolean() : node.draining();
    return new JsonObject()
        .put("id", node.id().toString())
        .put("name", node.id().name())
        .put("epoch", node.id().epoch())
        .put("self", self)
        .put("version", node.version())
        .put("http", node.http())
        .put("startedAt", node.startedAt().toString())
        .put("state", draining || node.draining() ? "draining" : "active")
        .put(
            "slots",
            new JsonObject()
                .put("total", node.slots())
                .put("used", load == null ? null : load.slotsUsed()))
        .put(
            "queue",
            new JsonObject()
                .put("depth", load == null ? null : load.queued())
                .put("oldestSeconds", load == null ? null : load.oldest().toNanos() / 1e9))
        .put("processes", node.processes())
        .put("isolation", new JsonArray(new ArrayList<>(new TreeSet<>(node.isolation()))))
        .put("layers", layers(node))
        .put("tools", tools(node));
  }

  private static JsonArray layers(NodeInfo node) {
    JsonArray layers = new JsonArray();
    for (NodeInfo.LayerMark layer : node.layers()) {
      layers.add(
          new JsonObject()
              .put("name", layer.name())
              .put("state", layer.state())
              .put("words", layer.words()));
    }
    return layers;
  }

  /** Every tool that some node has, so that it is seen at once where one is missing. */
  private JsonArray tools(NodeInfo node) {
    TreeSet<String> names = new TreeSet<>();
    nodes.members().present().values().forEach(each -> names.addAll(each.tools().keySet()));
    JsonArray tools = new JsonArray();
    for (String name : names) {
      NodeInfo.ToolMark mark = node.tools().get(name);
      JsonObject tool = new JsonObject().put("name", name).put("available", mark != null);
      if (mark != null) {
        tool.put("definition", mark.definition()).put("executable", mark.executable());
      }
      tools.add(tool);
    }
    return tools;
  }
}
