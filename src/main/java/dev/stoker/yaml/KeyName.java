package dev.stoker.yaml;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.RecordComponent;

/** The key that stands for a record's component. */
final class KeyName {
  private KeyName() {}

  static String of(RecordComponent component) {
    JsonProperty name = component.getAccessor().getAnnotation(JsonProperty.class);
    return name == null || name.value().isEmpty() ? component.getName() : name.value();
  }
}
