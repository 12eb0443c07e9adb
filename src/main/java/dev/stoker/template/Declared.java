package dev.stoker.template;

import dev.stoker.schema.ParameterFacts;
import dev.stoker.schema.ParameterFacts.Presence;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that a template may use. Immutable.
 *
 * @param parameters null when their schema could not be read, so that nothing is known of them
 * @param inputs whether each is given with every request
 * @param outputs name to path, relative to the work directory
 */
public record Declared(
    @Nullable Map<String, ParameterFacts> parameters,
    Map<String, Presence> inputs,
    Map<String, String> outputs) {
  public Declared {
    parameters =
        parameters == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }
}
