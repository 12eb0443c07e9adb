package dev.stoker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final List<Digest> DIGESTS =
      IntStream.range(0, 400)
          .mapToObj(i -> Digest.of(new byte[] {(byte) i, (byte) (i >> 8)}))
          .toList();

  @Test
  void shouldPickNobodyWhereNobodyIs() {
    assertThat(Rendezvous.pick(DIGESTS.getFirst(), List.of())).isEmpty();
  }

  @Test
  void shouldPickTheSameInWhateverOrderTheyCome() {
    for (Digest digest : DIGESTS) {
      assertThat(Rendezvous.pick(digest, NAMES.reversed()))
          .isEqualTo(Rendezvous.pick(digest, NAMES));
    }
  }

  @Test
  void shouldGiveEachItsShare() {
    Map<String, Integer> shares = new HashMap<>();
    DIGESTS.forEach(
        digest -> shares.merge(Rendezvous.pick(digest, NAMES).orElseThrow(), 1, Integer::sum));

    assertThat(shares.keySet()).containsExactlyInAnyOrderElementsOf(NAMES);
    assertThat(shares.values()).allMatch(share -> share > DIGESTS.size() / NAMES.size() / 2);
  }

  @Test
  void shouldMoveOnlyWhatTheOneThatLeftHad() {
    for (Digest digest : DIGESTS) {
      String before = Rendezvous.pick(digest, NAMES).orElseThrow();
      String after = Rendezvous.pick(digest, List.of("a", "b", "c")).orElseThrow();

      if (!before.equals("d")) {
        assertThat(after).isEqualTo(before);
      }
    }
  }
}
