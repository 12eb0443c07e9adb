package dev.stoker.check;

import dev.stoker.run.Digest;
import dev.stoker.tool.ToolDefinition.Language;
import java.io.IOException;

/**
 * A script that a caller sends. Immutable.
 *
 * @param field where in the request it is, such as {@code inputs.script}
 * @param digest of all of it
 * @param bytes how many it has
 */
public record Script(String field, Language language, Digest digest, long bytes, Content content) {
  /** Where its bytes are. */
  @FunctionalInterface
  public interface Content {
    /** All of them. Blocks. */
    byte[] read() throws IOException;
  }
}
