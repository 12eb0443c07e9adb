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

  /** Of all that the catalog says about the tool: another definition has another digest. */
  Digest digest();

  Availability availability();

  /**
   * The content of the program, and of every absolute path to a file that the template names. Read
   * anew when a file's size, time or inode has changed.
   *
   * @throws dev.stoker.run.ServiceException TOOL_UNAVAILABLE when a file is gone
   */
  Digest executableDigest();

  /**
   * Checks parameters against the schema and the argument rules.
   *
   * @return the parameters with the defaults filled in; the argument is not changed
   * @throws dev.stoker.run.ServiceException INVALID_PARAMETERS with one violation for each mistake,
   *     its field {@code params.<pointer>}
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
   */
  Invocation bind(JsonObject checked, Set<String> inputs);
}
