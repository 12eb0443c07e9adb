package dev.stoker.request;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON whose objects have their keys in order, so that equal values have equal texts. */
final class Canonical {
  private Canonical() {}

  static @Nullable Object of(@Nullable Object value) {
    return switch (value) {
      case JsonObject object -> of(object.getMap());
      case JsonArray array -> of(array.getList());
      case Map<?, ?> map -> {
        TreeMap<String, Object> sorted = new TreeMap<>();
        map.forEach((key, element) -> sorted.put(String.valueOf(key), of(element)));
        yield new JsonObject(sorted);
      }
      case List<?> list ->
          new JsonArray(list.stream().map(Canonical::of).collect(Collectors.toList()));
      case null, default -> value;
    };
  }
}
