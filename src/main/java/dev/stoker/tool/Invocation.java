package dev.stoker.tool;

import java.util.List;
import java.util.Map;

/**
 * A tool's command with every value in its place. The same on every node: paths are relative to the
 * work directory. Immutable.
 *
 * @param argv its first element is the program as the catalog names it
 * @param environment all of it but {@code HOME} and {@code TMPDIR}, which are the work directory's
 * @param inputs name to relative path, of the inputs that are given
 * @param outputs name to relative path, of every declared output
 */
public record Invocation(
    List<String> argv,
    Map<String, String> environment,
    Map<String, String> inputs,
    Map<String, String> outputs) {
  public Invocation {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    inputs = Map.copyOf(inputs);
    outputs = Map.copyOf(outputs);
  }

  /** Without the values: some are secret, and texts end up in logs. */
  @Override
  public String toString() {
    return "Invocation[" + argv.getFirst() + ", inputs=" + inputs + ", outputs=" + outputs + "]";
  }
}
