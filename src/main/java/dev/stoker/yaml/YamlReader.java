package dev.stoker.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Binds YAML to records, strictly: an unknown key, a key given twice, a value of another type, an
 * alias, a second document are mistakes.
 *
 * <p>A component named {@code maxSize} is the key {@code maxSize}; {@code @JsonProperty} gives it
 * another. Enum constants are written {@code lower_case}, {@code lower-case} or {@code lowerCase};
 * {@link dev.stoker.run.ByteSize} as {@code 64KiB} or a number of bytes; {@link java.time.Duration}
 * as {@code 30s}. A key that is absent or empty is null, for the record's constructor to fill in;
 * an {@link IllegalArgumentException} it throws is a mistake at the record's path.
 *
 * <p>At most {@link #BYTES_MAX} are read, at most {@link #DEPTH_MAX} levels deep. Thread-safe.
 */
public final class YamlReader {
  /** The largest file, in bytes. */
  public static final int BYTES_MAX = 1 << 20;

  /** The deepest nesting of lists and maps. */
  public static final int DEPTH_MAX = 50;

  private final ObjectMapper mapper = StrictYaml.mapper();

  /**
   * Reads a file.
   *
   * @throws YamlException with every mistake that could be found in one pass; also when the file
   *     cannot be read
   */
  public <T> T read(Path file, Class<T> type) {
    return readText(file.toString(), content(file), type);
  }

  /**
   * Reads text.
   *
   * @param name what to call it in a mistake
   * @throws YamlException with every mistake that could be found in one pass
   */
  public <T> T readText(String name, String text, Class<T> type) {
    if (text.length() > BYTES_MAX) {
      throw mistake(name, "is larger than " + BYTES_MAX + " bytes");
    }
    JavaType target = mapper.constructType(type);
    Structure structure = new Structure();
    MistakeCollector mistakes = new MistakeCollector(name, structure);
    try {
      structure.scan(mapper, text);
      new UnknownKeys(mapper, mistakes::add).look(mapper.readTree(text), target, "");
      T value = mapper.readerFor(target).withHandler(mistakes).readValue(text);
      if (!mistakes.found().isEmpty()) {
        throw new YamlException(mistakes.found());
      }
      if (value == null) {
        throw mistake(name, "is empty");
      }
      return value;
    } catch (JsonProcessingException e) {
      mistakes.add(e);
      throw new YamlException(mistakes.found(), e);
    } catch (IOException e) {
      throw new IllegalStateException("text in memory cannot be read", e);
    }
  }

  /**
   * On which line of a text a path is, or the nearest that it is part of; 0 where that cannot be
   * said.
   *
   * @param path such as {@code command[3].then[0]}
   */
  public int line(String text, String path) {
    Structure structure = new Structure();
    try {
      structure.scan(mapper, text);
    } catch (IOException e) {
      return 0;
    }
    String at = path;
    while (structure.line(at) == 0 && !at.isEmpty()) {
      at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
    }
    return at.isEmpty() ? 0 : structure.line(at);
  }

  /**
   * The text of a file that {@link #readText} would take.
   *
   * @throws YamlException when it cannot be read, is too large, or is not UTF-8
   */
  public String content(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw mistake(file.toString(), "is larger than " + BYTES_MAX + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw mistake(file.toString(), "is not UTF-8 text");
    } catch (NoSuchFileException e) {
      throw mistake(file.toString(), "does not exist");
    } catch (AccessDeniedException e) {
      throw mistake(file.toString(), "may not be read by this user");
    } catch (IOException e) {
      // Where the system has no better word, the message is the path alone.
      throw mistake(file.toString(), "cannot be read: " + e.getMessage());
    }
  }

  private static YamlException mistake(String name, String message) {
    return new YamlException(List.of(new YamlMistake(name, "", 0, message)));
  }
}
