package dev.stoker.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Digest;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlobReferencesTest {
  @Test
  void shouldKnowWhatWasAddedAndNothingElse() {
    BlobReferences references = new BlobReferences();
    List<Digest> some = IntStream.range(0, 1000).mapToObj(BlobReferencesTest::digest).toList();
    List<Digest> others = IntStream.range(1000, 2000).mapToObj(BlobReferencesTest::digest).toList();

    some.subList(0, 500).forEach(references::add);
    some.subList(500, 1000).forEach(digest -> references.addAll(RunRow.bytes(digest)));
    Predicate<Digest> refers = references.toPredicate();

    assertThat(some).allMatch(refers);
    assertThat(others).noneMatch(refers);
  }

  @Test
  void shouldKnowNothingWhenEmpty() {
    assertThat(new BlobReferences().toPredicate().test(digest(1))).isFalse();
  }

  private static Digest digest(int number) {
    return LedgerFixture.digest("blob " + number);
  }
}
