package dev.stoker.yaml;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads an enum constant in {@code lower_case}, {@code lower-case} or {@code lowerCase}. */
final class EnumDeserializer extends StdScalarDeserializer<Object> {
  private static final long serialVersionUID = 1L;
  private static final Pattern UNDERSCORE = Pattern.compile("_(.)");

  private final transient Map<String, Object> constants = new LinkedHashMap<>();
  private final String allowed;

  EnumDeserializer(Class<?> type) {
    super(type);
    Object[] values = type.getEnumConstants();
    for (Object value : values) {
      String snake = snake(value);
      constants.put(snake, value);
      constants.put(snake.replace('_', '-'), value);
      constants.put(camel(snake), value);
    }
    allowed = Arrays.stream(values).map(EnumDeserializer::snake).collect(Collectors.joining(", "));
  }

  @Override
  public @Nullable Object deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    if (parser.currentToken().isStructStart()) {
      return context.handleUnexpectedToken(_valueClass, parser.currentToken(), parser, allowed);
    }
    String text = parser.getText();
    Object value = constants.get(text);
    return value != null
        ? value
        : context.handleWeirdStringValue(
            _valueClass, text, "%s", "'" + text + "' is not allowed; allowed: " + allowed);
  }

  private static String snake(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static String camel(String snake) {
    return UNDERSCORE.matcher(snake).replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
  }
}
