package dev.stoker.cgroup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/** The kernel's small files. Stateless. */
final class ControlFile {
  private ControlFile() {}

  /**
   * In one system call, without making or cutting the file: the kernel reads each one as a whole.
   */
  static void write(Path file, String text) throws IOException {
    if (!Files.exists(file)) {
      throw new java.nio.file.NoSuchFileException(file.toString());
    }
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write(text.getBytes(US_ASCII));
    } catch (IOException e) {
      throw new IOException("cannot write '" + text + "' to " + file + ": " + e.getMessage(), e);
    }
  }

  static String read(Path file) throws IOException {
    return Files.readString(file, US_ASCII).strip();
  }

  /** What stands in it between spaces and line breaks. */
  static List<String> words(Path file) throws IOException {
    List<String> words = new ArrayList<>();
    StringTokenizer tokens = new StringTokenizer(read(file));
    while (tokens.hasMoreTokens()) {
      words.add(tokens.nextToken());
    }
    return words;
  }

  /** 0 for a file that is not there or holds no number, such as {@code max}. */
  static long number(Path file) {
    try {
      return Long.parseLong(read(file));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** The number after a word at the start of a line; 0 where there is none. */
  static long number(Path file, String word) {
    try {
      for (String line : read(file).lines().toList()) {
        if (line.startsWith(word + " ")) {
          return Long.parseLong(line.substring(word.length() + 1).strip());
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return 0;
  }
}
