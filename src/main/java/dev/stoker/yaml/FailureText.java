package dev.stoker.yaml;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.dataformat.yaml.JacksonYAMLParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says a failure of the parser or the binding in the words of this package. */
final class FailureText {
  private static final Pattern DUPLICATE = Pattern.compile("Duplicate field '(.*)'");

  private FailureText() {}

  static YamlMistake mistake(String file, JsonProcessingException failure) {
    JsonLocation at = failure.getLocation();
    int line = at == null ? 0 : Math.max(0, at.getLineNr());
    String path = failure instanceof JsonMappingException mapping ? path(mapping) : "";
    return new YamlMistake(file, path, line, message(failure));
  }

  private static String message(JsonProcessingException failure) {
    String original = failure.getOriginalMessage();
    if (failure instanceof ValueInstantiationException && failure.getCause() != null) {
      return String.valueOf(failure.getCause().getMessage());
    }
    if (failure.getCause() instanceof InputCoercionException
        || failure instanceof InputCoercionException) {
      return "is not allowed; allowed: a whole number in range";
    }
    if (failure instanceof MismatchedInputException mismatch) {
      if (original.startsWith("Cannot map `null`")) {
        return "must be given; allowed: " + TypeText.of(mismatch.getTargetType());
      }
      if (original.startsWith("Trailing token")) {
        return "holds more than one document; allowed: one";
      }
      if (original.startsWith("No content")) {
        return "is empty";
      }
      return mismatch.getTargetType() == null
          ? original
          : "is not allowed; allowed: " + TypeText.of(mismatch.getTargetType());
    }
    Matcher duplicate = DUPLICATE.matcher(original);
    if (duplicate.find()) {
      return "the key '" + duplicate.group(1) + "' is given twice";
    }
    return failure instanceof JacksonYAMLParseException ? syntax(original) : original;
  }

  /** The scanner's message is several lines with a picture of the place; the first ones tell. */
  private static String syntax(String original) {
    String flat =
        original.lines().map(String::strip).limit(4).reduce((a, b) -> a + " " + b).orElse("");
    return "is not YAML: " + flat;
  }

  private static String path(JsonMappingException failure) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : failure.getPath()) {
      if (step.getIndex() >= 0) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }
}
