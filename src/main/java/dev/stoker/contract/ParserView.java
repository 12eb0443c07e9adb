package dev.stoker.contract;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/**
 * The document without what Vert.x's parser refuses though OpenAPI allows it: media types it has no
 * reader for, and relative server URLs. Bodies are streamed by our own readers, so nothing that is
 * checked is lost.
 */
final class ParserView {
  private static final List<String> READABLE =
      List.of("application/json", "multipart/form-data", "application/octet-stream", "text/plain");

  private ParserView() {}

  static JsonObject of(JsonObject document) {
    JsonObject view = document.copy();
    // It wants absolute URLs, OpenAPI takes relative ones.
    view.remove("servers");
    strip(view);
    return view;
  }

  private static void strip(Object node) {
    if (node instanceof JsonObject object) {
      if (object.getValue("content") instanceof JsonObject content) {
        List.copyOf(content.fieldNames()).stream()
            .filter(type -> !READABLE.contains(type))
            .forEach(content::remove);
        if (content.isEmpty()) {
          content.put("application/octet-stream", new JsonObject());
        }
      }
      object.stream().map(Map.Entry::getValue).forEach(ParserView::strip);
    } else if (node instanceof JsonArray array) {
      array.forEach(ParserView::strip);
    }
  }
}
