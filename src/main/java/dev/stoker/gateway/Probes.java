package dev.stoker.gateway;

import dev.stoker.telemetry.Exposition;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a node tells about itself. The suppliers are called on event loops and must not block.
 *
 * @param readiness what must hold for the node to take work
 * @param metrics all numbers, in a form
 */
public record Probes(Supplier<List<Check>> readiness, Function<Exposition, String> metrics) {

  /**
   * One thing that must hold.
   *
   * @param problem why it does not; empty when it does
   */
  public record Check(String name, Optional<String> problem) {}
}
