package dev.stoker.tool;

import dev.stoker.yaml.YamlException;
import dev.stoker.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a directory holds at one moment. Hidden files and those with another ending than {@code
 * .yaml} are none of the catalog's. Immutable.
 *
 * @param files by name
 * @param unreadable why the directory itself could not be read; null when it could
 */
record CatalogDirectory(SortedMap<String, Content> files, @Nullable CatalogProblem unreadable) {
  /** The most files of a catalog. */
  static final int FILES_MAX = 2000;

  CatalogDirectory {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /** What is in a file, or why that cannot be said. */
  sealed interface Content {
    record Text(String text) implements Content {}

    record Unreadable(String reason) implements Content {}
  }

  /** The same as a directory with these files. */
  static CatalogDirectory of(Map<String, String> texts) {
    SortedMap<String, Content> files = new TreeMap<>();
    texts.forEach((name, text) -> files.put(name, new Content.Text(text)));
    return new CatalogDirectory(files, null);
  }

  /** Reads all of it. */
  static CatalogDirectory read(Path directory) {
    SortedMap<String, Content> files = new TreeMap<>();
    YamlReader reader = new YamlReader();
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> paths = entries.filter(CatalogDirectory::isOurs).limit(FILES_MAX + 1L).toList();
      if (paths.size() > FILES_MAX) {
        return unreadable(directory, "holds more than " + FILES_MAX + " tools");
      }
      for (Path path : paths) {
        files.put(path.getFileName().toString(), content(reader, path));
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      return unreadable(
          directory,
          Files.isDirectory(directory)
              ? "cannot be read: " + e
              : "is not a directory; allowed: the directory of the tools' files");
    }
    return new CatalogDirectory(files, null);
  }

  private static boolean isOurs(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(ToolReader.SUFFIX) && !name.startsWith(".") && !Files.isDirectory(path);
  }

  private static Content content(YamlReader reader, Path path) {
    try {
      return new Content.Text(reader.content(path));
    } catch (YamlException e) {
      return new Content.Unreadable(e.mistakes().getFirst().message());
    }
  }

  private static CatalogDirectory unreadable(Path directory, String reason) {
    return new CatalogDirectory(
        new TreeMap<>(), new CatalogProblem(directory.toString(), "", reason));
  }
}
