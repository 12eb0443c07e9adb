package dev.stoker.tool;

import dev.stoker.schema.Mistakes;
import dev.stoker.schema.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files that a tool takes and makes. An input is the file of its own name in the work
 * directory. Confined to one reading.
 */
final class FileDeclarations {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");
  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          "[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}(; ?[a-z]+=[\\w.-]+)?");
  private static final Pattern STEP = Pattern.compile("[^/\\p{Cntrl}-][^/\\p{Cntrl}]*");
  private static final String DEFAULT_MEDIA_TYPE = "application/octet-stream";
  private static final int PATH_CHARS_MAX = 255;
  private static final int FILES_MAX = 64;

  private final CatalogSettings settings;
  private final Mistakes mistakes;
  private final Bounds bounds;

  FileDeclarations(CatalogSettings settings, Mistakes mistakes) {
    this.settings = settings;
    this.mistakes = mistakes;
    this.bounds = new Bounds(mistakes);
  }

  Map<String, ToolDefinition.Input> inputs(ToolFile file, Set<String> parameters) {
    Map<String, ToolDefinition.Input> inputs = new LinkedHashMap<>();
    Map<String, ToolFile.@Nullable Input> given = file.inputs() == null ? Map.of() : file.inputs();
    few("inputs", given.size());
    given.forEach(
        (name, input) -> {
          String path = "inputs." + name;
          ToolFile.Input written =
              input == null ? new ToolFile.Input(null, null, null, null, null) : input;
          name(name, path);
          if (parameters.contains(name)) {
            mistakes.add(path, "has the name of a parameter; a form could not tell them apart");
          }
          inputs.put(
              name,
              new ToolDefinition.Input(
                  written.description() == null ? "" : written.description(),
                  written.required() == null || written.required(),
                  bounds.size(written.maxSize(), settings.inputSize(), path + ".maxSize"),
                  mediaType(written.mediaType(), path),
                  written.check()));
        });
    return inputs;
  }

  Map<String, ToolDefinition.Output> outputs(ToolFile file, Set<String> inputs) {
    Map<String, ToolDefinition.Output> outputs = new LinkedHashMap<>();
    Map<String, ToolFile.@Nullable Output> given =
        file.outputs() == null ? Map.of() : file.outputs();
    few("outputs", given.size());
    Set<String> taken = new TreeSet<>(inputs);
    given.forEach(
        (name, output) -> {
          String path = "outputs." + name;
          ToolFile.Output written =
              output == null ? new ToolFile.Output(null, null, null, null, null) : output;
          name(name, path);
          String place = written.path() == null ? name : written.path();
          place(place, taken, path + ".path");
          String mediaType = mediaType(written.mediaType(), path);
          outputs.put(
              name,
              new ToolDefinition.Output(
                  written.description() == null ? "" : written.description(),
                  place,
                  mediaType == null ? DEFAULT_MEDIA_TYPE : mediaType,
                  written.required() == null || written.required(),
                  bounds.size(written.maxSize(), settings.outputSize(), path + ".maxSize")));
        });
    return outputs;
  }

  private void few(String path, int count) {
    if (count > FILES_MAX) {
      mistakes.add(path, "has " + count + " entries; allowed: at most " + FILES_MAX);
    }
  }

  private void name(String name, String path) {
    if (!NAME.matcher(name).matches()) {
      mistakes.add(
          path, "is not a name; allowed: a letter, then letters, digits, _ and -, at most 63");
    }
  }

  private @Nullable String mediaType(@Nullable String mediaType, String path) {
    if (mediaType != null && !MEDIA_TYPE.matcher(mediaType).matches()) {
      mistakes.add(
          path + ".mediaType",
          Values.quoted(mediaType)
              + " is not a media type; allowed: type/subtype, as in image/png");
    }
    return mediaType;
  }

  private void place(String place, Set<String> taken, String path) {
    boolean relative = place.length() <= PATH_CHARS_MAX;
    for (String step : place.split("/", -1)) {
      relative &= STEP.matcher(step).matches() && !step.equals(".") && !step.equals("..");
    }
    if (!relative) {
      mistakes.add(
          path,
          Values.quoted(place)
              + " is not allowed; allowed: a path in the work directory, relative, without ..,"
              + " whose names have no control character and do not begin with -, at most "
              + PATH_CHARS_MAX
              + " characters");
      return;
    }
    for (String other : taken) {
      if (other.equals(place) || other.startsWith(place + "/") || place.startsWith(other + "/")) {
        mistakes.add(
            path, "'" + place + "' collides with '" + other + "'; allowed: a path of its own");
      }
    }
    taken.add(place);
  }
}
