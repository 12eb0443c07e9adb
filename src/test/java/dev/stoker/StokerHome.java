package dev.stoker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A directory that a Stoker may be started in: its configuration, its catalog of scripts, its data.
 */
public final class StokerHome {
  private final Path directory;
  private String heap = "256m";
  private List<String> jvm = List.of();

  public StokerHome(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(catalog());
      Files.createDirectories(directory.resolve("scripts"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // A caller of these tests may be very slow on a busy machine.
    config("http: {stall: 60s}");
  }

  public Path directory() {
    return directory;
  }

  public Path catalog() {
    return directory.resolve("tools");
  }

  public Path config() {
    return directory.resolve("stoker.yaml");
  }

  public Path data() {
    return directory.resolve("data");
  }

  public StokerHome config(String... lines) {
    write(config(), String.join("\n", lines) + "\n");
    return this;
  }

  public StokerHome heap(String max) {
    this.heap = max;
    return this;
  }

  /** More options of the JVM. */
  public StokerHome jvm(String... options) {
    this.jvm = List.of(options);
    return this;
  }

  /** Puts a file into the catalog, under the name that its first line gives. */
  public StokerHome tool(String... lines) {
    String name = lines[0].replaceFirst("^name: *", "");
    write(catalog().resolve(name + ".yaml"), String.join("\n", lines) + "\n");
    return this;
  }

  /**
   * Adds a tool that is a script.
   *
   * @param keys of the catalog entry; {@code @script@} is the script's path, which is the whole
   *     command when the keys say none
   */
  public StokerHome script(String name, String text, String... keys) {
    Path script = script(name);
    write(script, "#!/bin/sh\n" + text + "\n");
    try {
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> lines = new ArrayList<>(List.of("name: " + name));
    if (Arrays.stream(keys).noneMatch(key -> key.startsWith("isolation:"))) {
      lines.add("isolation: none");
    }
    if (Arrays.stream(keys).noneMatch(key -> key.startsWith("command:"))) {
      lines.add("command: [" + script + "]");
    }
    for (String key : keys) {
      lines.add(key.replace("@script@", script.toString()));
    }
    return tool(lines.toArray(String[]::new));
  }

  /** Where the script of a tool is. */
  public Path script(String name) {
    return directory.resolve("scripts").resolve(name + ".sh");
  }

  /** Starts a Stoker here; it serves when this returns. */
  public StokerProcess start() {
    return StokerProcess.start(this);
  }

  public String heap() {
    return heap;
  }

  List<String> jvm() {
    return jvm;
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
