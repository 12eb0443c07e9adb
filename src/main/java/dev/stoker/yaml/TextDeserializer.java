package dev.stoker.yaml;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a value that is written as text, by the function that knows its form. */
final class TextDeserializer<T> extends StdScalarDeserializer<T> {
  private static final long serialVersionUID = 1L;

  private final transient Function<String, T> parse;
  private final boolean numberAllowed;

  TextDeserializer(Class<T> type, Function<String, T> parse, boolean numberAllowed) {
    super(type);
    this.parse = parse;
    this.numberAllowed = numberAllowed;
  }

  @Override
  @SuppressWarnings("unchecked")
  public @Nullable T deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    if (parser.currentToken().isStructStart()) {
      return (T) context.handleUnexpectedToken(_valueClass, parser);
    }
    String text = parser.getText();
    try {
      // A bare number has lost its unit: say what is allowed rather than guess one.
      boolean bare = parser.currentToken() == JsonToken.VALUE_NUMBER_INT && !numberAllowed;
      return parse.apply(bare ? text + " (without a unit)" : text);
    } catch (IllegalArgumentException e) {
      return (T) context.handleWeirdStringValue(_valueClass, text, "%s", e.getMessage());
    }
  }
}
