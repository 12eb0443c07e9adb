package dev.stoker.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;

/**
 * A node's name: the configured one or the host's, and letters that belong to the data directory,
 * so that two nodes of one host, and their left-over processes, are told apart.
 */
final class NodeName {
  private static final int LETTERS = 4;

  private NodeName() {}

  static String of(String configured, Path data) {
    String base = configured.isBlank() ? host() : configured;
    if (!base.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,62}")) {
      throw new ConfigurationException(
          "node.name: '"
              + base
              + "' is not allowed; allowed: up to 63 letters, digits, dots and hyphens");
    }
    return base + "-" + letters(data);
  }

  private static String letters(Path data) {
    Path file = data.resolve("node");
    try {
      if (Files.exists(file)) {
        return Files.readString(file).strip();
      }
      Files.createDirectories(data);
      StringBuilder letters = new StringBuilder();
      new SecureRandom()
          .ints(LETTERS, 'a', 'z' + 1)
          .forEach(letter -> letters.append((char) letter));
      Files.writeString(file, letters);
      return letters.toString();
    } catch (FileAlreadyExistsException e) {
      throw new ConfigurationException("data: " + data + " is not a directory", e);
    } catch (IOException e) {
      throw new ConfigurationException("data: " + data + " cannot be used: " + e, e);
    }
  }

  private static String host() {
    try {
      String host = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
      int dot = host.indexOf('.');
      return dot > 0 ? host.substring(0, dot) : host;
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
