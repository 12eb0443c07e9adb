package dev.stoker.tool;

import dev.stoker.run.Digest;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A tool of the catalog. Immutable and thread-safe. */
public interface Tool {
  ToolDefinition definition();

  default String name() {
    return definition().name();
  }

  /** Of the definition's canonical JSON: another definition has another digest, on every node. */
  Digest digest();

  /** Whether it can run on this node, as it was when the catalog last looked. */
  Availability availability();

  /**
   * The content of the program, of the programs in {@code requires}, and of every fixed argument
   * that is the absolute path of a regular file. The libraries and settings that a program loads
   * are not in it.
   *
   * <p>Costs one {@code stat} for each file; reads them anew when inode, size, modification or
   * change time is another, which takes as long as reading takes and blocks the caller.
   *
   * @throws dev.stoker.run.ServiceException TOOL_UNAVAILABLE when the tool is not available or its
   *     program is gone
   */
  Digest executableDigest();

  /**
   * Checks parameters against the schema and the argument rules. What it returns {@link #bind}
   * takes, whichever inputs are given.
   *
   * @return a copy with the defaults filled in; the argument is not changed
   * @throws dev.stoker.run.ServiceException INVALID_PARAMETERS with one violation for each mistake,
   *     its field such as {@code params.tags[1]}
   */
  JsonObject check(JsonObject parameters);

  /**
   * Reads the fields of a form or query: each becomes what the schema says it is (integer, number,
   * boolean, array of a repeated field, JSON text for an object). What cannot be read stays text,
   * for {@link #check} to complain of.
   */
  JsonObject coerce(Map<String, List<String>> fields);

  /**
   * Puts checked parameters into the template.
   *
   * @param inputs names of the inputs that are given
   * @throws IllegalArgumentException when the tool declares no such input
   * @throws dev.stoker.run.ServiceException INVALID_PARAMETERS when an argument has more than
   *     131,071 bytes or all of them and the environment more than 1 MiB
   */
  Invocation bind(JsonObject checked, Set<String> inputs);
}
