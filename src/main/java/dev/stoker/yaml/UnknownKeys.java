package dev.stoker.yaml;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Finds each key that no record component stands for. The binding meets such keys late and out of
 * place, because it must first have all of a record's values.
 */
final class UnknownKeys {
  private final ObjectMapper mapper;
  private final BiConsumer<String, String> found;

  /**
   * @param found takes a path and a message
   */
  UnknownKeys(ObjectMapper mapper, BiConsumer<String, String> found) {
    this.mapper = mapper;
    this.found = found;
  }

  void look(JsonNode node, JavaType type, String path) {
    if (node.isArray() && type.isCollectionLikeType()) {
      for (int i = 0; i < node.size(); i++) {
        look(node.get(i), type.getContentType(), path + "[" + i + "]");
      }
    } else if (node.isObject() && type.isMapLikeType()) {
      node.forEachEntry((key, value) -> look(value, type.getContentType(), join(path, key)));
    } else if (node.isObject() && type.isRecordType()) {
      Map<String, JavaType> keys = keys(type);
      node.forEachEntry(
          (key, value) -> {
            JavaType component = keys.get(key);
            if (component == null) {
              found.accept(
                  join(path, key), "is not a key; allowed: " + TypeText.keys(keys.keySet()));
            } else {
              look(value, component, join(path, key));
            }
          });
    }
  }

  private Map<String, JavaType> keys(JavaType type) {
    Map<String, JavaType> keys = new LinkedHashMap<>();
    for (RecordComponent component : type.getRawClass().getRecordComponents()) {
      keys.put(KeyName.of(component), mapper.constructType(component.getGenericType()));
    }
    return keys;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
