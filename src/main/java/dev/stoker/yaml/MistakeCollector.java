package dev.stoker.yaml;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notes what is wrong and lets the binding go on, so that one reading finds more than one mistake.
 * Confined to one reading.
 */
final class MistakeCollector extends DeserializationProblemHandler {
  private final String file;
  private final Structure structure;
  private final List<YamlMistake> found = new ArrayList<>();

  MistakeCollector(String file, Structure structure) {
    this.file = file;
    this.structure = structure;
  }

  /** In the order of the file. */
  List<YamlMistake> found() {
    found.sort(Comparator.comparingInt(YamlMistake::line));
    return found;
  }

  /**
   * Notes what ended the binding, unless that is only the consequence of a mistake noted before.
   */
  void add(JsonProcessingException failure) {
    if (found.isEmpty()) {
      YamlMistake mistake = FailureText.mistake(file, failure);
      int line = structure.line(mistake.path());
      found.add(
          line == 0 || mistake.path().isEmpty()
              ? mistake
              : new YamlMistake(file, mistake.path(), line, mistake.message()));
    }
  }

  void add(String path, String message) {
    found.add(new YamlMistake(file, path, structure.line(path), message));
  }

  /** Skips it: {@link UnknownKeys} has noted it. */
  @Override
  public boolean handleUnknownProperty(
      DeserializationContext context,
      JsonParser parser,
      @Nullable JsonDeserializer<?> deserializer,
      Object beanOrClass,
      String name)
      throws IOException {
    parser.skipChildren();
    return true;
  }

  @Override
  public @Nullable Object handleWeirdStringValue(
      DeserializationContext context, Class<?> type, String value, String message)
      throws IOException {
    boolean ours = !message.startsWith("not a valid") && !message.startsWith("Cannot");
    add(
        context.getParser(),
        ours ? message : "'" + value + "' is not allowed; allowed: " + TypeText.of(type));
    return null;
  }

  @Override
  public @Nullable Object handleUnexpectedToken(
      DeserializationContext context,
      JavaType type,
      JsonToken token,
      JsonParser parser,
      @Nullable String message)
      throws IOException {
    String given =
        token.isStructStart()
            ? (token == JsonToken.START_ARRAY ? "a list" : "a map")
            : "'" + parser.getText() + "'";
    add(parser, given + " is not allowed here; allowed: " + TypeText.of(type.getRawClass()));
    parser.skipChildren();
    return null;
  }

  private void add(JsonParser parser, String message) {
    add(Structure.path(parser), message);
  }
}
