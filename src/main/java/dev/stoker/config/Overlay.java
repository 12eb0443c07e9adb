package dev.stoker.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lays one record over another of the same type: what the upper leaves null is the lower's. */
final class Overlay {
  private Overlay() {}

  static <R extends Record> R over(R lower, @Nullable R upper) {
    if (upper == null) {
      return lower;
    }
    RecordComponent[] components = lower.getClass().getRecordComponents();
    Object[] values =
        Arrays.stream(components)
            .map(component -> merged(value(component, lower), value(component, upper)))
            .toArray();
    return construct(lower, components, values);
  }

  private static @Nullable Object merged(@Nullable Object lower, @Nullable Object upper) {
    if (upper == null) {
      return lower;
    }
    return lower instanceof Record below && isSection(below) ? over(below, (Record) upper) : upper;
  }

  /** Sections are records of this package; a size or another value is not taken apart. */
  private static boolean isSection(Record value) {
    return value.getClass().getPackage().equals(Overlay.class.getPackage());
  }

  private static @Nullable Object value(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  @SuppressWarnings("unchecked") // the canonical constructor of R's own class
  private static <R extends Record> R construct(
      R like, RecordComponent[] components, Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return (R) like.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + like.getClass(), e);
    }
  }
}
