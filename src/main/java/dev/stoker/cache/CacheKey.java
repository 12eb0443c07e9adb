package dev.stoker.cache;

import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.Stdin;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/**
 * What two commands must have in common to have the same result: the tool's name and definition,
 * its program's content, argv, environment, inputs, stdin, and who may see it. Immutable.
 *
 * @param tool the tool's name, so that its results can be purged
 */
public record CacheKey(String tool, Digest digest) {

  /**
   * The key of a command.
   *
   * @throws dev.stoker.run.ServiceException TOOL_UNAVAILABLE when the program is gone
   */
  public static CacheKey of(Command command, Tool tool, Invocation invocation) {
    Writer writer = new Writer();
    writer.text(tool.digest().hex()).text(tool.executableDigest().hex());
    writer.text(command.principal().name());
    writer.count(invocation.argv().size());
    invocation.argv().forEach(writer::text);
    writer.map(invocation.environment());
    Map<String, String> inputs = new TreeMap<>();
    command.inputs().forEach((name, blob) -> inputs.put(name, blob.hex()));
    writer.map(inputs);
    switch (command.stdin()) {
      case Stdin.None() -> writer.text("none");
      case Stdin.Inline inline -> writer.text(Digest.of(inline.bytes()).hex());
      case Stdin.Blob(Digest digest) -> writer.text(digest.hex());
    }
    return new CacheKey(tool.name(), writer.end());
  }

  /** Feeds a hash so that no two different sequences of values look the same. */
  private static final class Writer {
    private final MessageDigest sha256 = Digest.newSha256();

    Writer text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      count(bytes.length);
      sha256.update(bytes);
      return this;
    }

    void count(int count) {
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(count).flip());
    }

    void map(Map<String, String> map) {
      count(map.size());
      new TreeMap<>(map).forEach((key, value) -> text(key).text(value));
    }

    Digest end() {
      return Digest.from(sha256);
    }
  }
}
