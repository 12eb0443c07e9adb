package dev.stoker.peer;

import dev.stoker.run.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which node keeps what: the one whose name, hashed together with the digest, is highest. Whoever
 * asks gets the same answer, and a node that comes or goes moves its own share only. Stateless.
 */
final class Rendezvous {
  private Rendezvous() {}

  static Optional<String> pick(Digest digest, Collection<String> names) {
    return names.stream()
        .max(
            Comparator.comparing(
                name -> Digest.of((digest.hex() + name).getBytes(StandardCharsets.UTF_8)).hex()));
  }
}
