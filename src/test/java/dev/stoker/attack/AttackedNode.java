package dev.stoker.attack;

import dev.stoker.Http;
import dev.stoker.StokerHome;
import dev.stoker.StokerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A node whose catalog holds each attack's program at each level, and honest neighbours. */
final class AttackedNode implements AutoCloseable {
  static final int SLOTS = 8;
  static final String GIVEN = "what was given";

  private static final List<String> PROGRAMS =
      List.of("files", "sockets", "others", "kernel", "groups", "resources");

  private final StokerHome home;
  private final Path programs;
  private final StokerProcess process;

  private AttackedNode(StokerHome home, Path programs, StokerProcess process) {
    this.home = home;
    this.programs = programs;
    this.process = process;
  }

  /** It serves when this returns. */
  static AttackedNode start(Path directory, Path programs, Set<Level> levels) {
    StokerHome home =
        new StokerHome(directory)
            .heap("192m")
            .config("node: {slots: " + SLOTS + "}", "limits: {timeout: {default: 20s}}");
    for (Level level : levels) {
      describe(home, programs, level);
    }
    return new AttackedNode(home, programs, home.start());
  }

  StokerHome home() {
    return home;
  }

  StokerProcess process() {
    return process;
  }

  Path programs() {
    return programs;
  }

  /** Makes a blob; its digest. */
  String upload(Http http, String text) {
    return http.post(
            "/v1/blobs", BodyPublishers.ofString(text), "Content-Type", "application/octet-stream")
        .json()
        .getString("blob");
  }

  /** Where the data directory keeps a blob. */
  Path file(String blob) {
    try (var files = Files.walk(home.data().resolve("blobs"))) {
      return files.filter(each -> blob.equals("sha256:" + hex(each))).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the content of a blob's file is to have as its digest. */
  static String hex(Path file) {
    Path directory = file.getParent();
    return directory == null ? "" : "" + directory.getFileName() + file.getFileName();
  }

  private static void describe(StokerHome home, Path programs, Level level) {
    String held =
        level == Level.NONE
            ? "limits: {stdout: 64KiB, stderr: 64KiB}"
            : "limits: {stdout: 64KiB, stderr: 64KiB, memory: 64MiB, pids: 32, disk: 32MiB,"
                + " openFiles: 128}";
    for (String program : PROGRAMS) {
      tool(home, programs, program, program, level);
      tool(home, programs, "net-" + program, program, level, "network: host");
      tool(home, programs, "held-" + program, program, level, held);
    }
    tool(
        home,
        programs,
        "outputs",
        "outputs",
        level,
        "outputs: {file: {path: sub/out.txt, mediaType: text/plain, maxSize: 1MiB}}");
    tool(home, programs, "inputs", "inputs", level, "inputs: {file: {}}");
    tool(
        home,
        programs,
        "neighbour",
        "neighbour",
        level,
        "inputs: {file: {}}",
        "outputs: {copy: {path: copy.txt, mediaType: text/plain}}");
  }

  private static void tool(
      StokerHome home, Path programs, String name, String program, Level level, String... keys) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "name: " + name + "-" + level.word(),
                "command: ['"
                    + programs.resolve(program)
                    + "', --, {each: params.arguments, then: ['${item}']}]",
                "parameters: {properties: {arguments: {type: array, items: {type: string}}},"
                    + " required: [arguments]}",
                "isolation: " + level.word(),
                "grace: 200ms"));
    if (level != Level.NONE) {
      lines.add("readable: ['" + programs + "']");
    }
    lines.addAll(List.of(keys));
    home.tool(lines.toArray(String[]::new));
  }

  @Override
  public void close() {
    process.close();
  }
}
