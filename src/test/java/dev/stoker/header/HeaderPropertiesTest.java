package dev.stoker.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** Whatever a field holds, reading it succeeds or says what is allowed. */
class HeaderPropertiesTest {
  private static final Duration MAX = Duration.ofMinutes(1);

  @Property
  void shouldReadAnythingOrRefuseItWithWords(@ForAll("fields") String field) {
    readOrRefuse(() -> Preferences.parse(field, MAX));
    readOrRefuse(() -> Accept.parse(field).best(List.of("application/json", "text/plain")));
    readOrRefuse(() -> ByteRange.parse(field).flatMap(range -> range.in(10)));
    readOrRefuse(() -> Urgency.parse(field));
    readOrRefuse(() -> CacheDirectives.parse(field));
    readOrRefuse(() -> EntityTag.matches(field, Digest.of(new byte[0])));
  }

  @Property
  void shouldGiveASliceInsideTheContent(
      @ForAll @LongRange(min = 0, max = 1000) long first,
      @ForAll @LongRange(min = 0, max = 1000) long length,
      @ForAll @LongRange(min = 0, max = 1000) long size) {
    ByteRange.parse("bytes=" + first + "-" + (first + length))
        .flatMap(range -> range.in(size))
        .ifPresentOrElse(
            slice -> {
              assertThat(slice.offset()).isEqualTo(first);
              assertThat(slice.length()).isPositive();
              assertThat(slice.offset() + slice.length())
                  .isEqualTo(Math.min(size, first + length + 1));
            },
            () -> assertThat(first).isGreaterThanOrEqualTo(size));
  }

  @Property
  void shouldGiveTheLastBytes(
      @ForAll @LongRange(min = 1, max = 1000) long last,
      @ForAll @LongRange(min = 1, max = 1000) long size) {
    ByteRange.Slice slice =
        ByteRange.parse("bytes=-" + last).flatMap(range -> range.in(size)).orElseThrow();

    assertThat(slice.length()).isEqualTo(Math.min(last, size));
    assertThat(slice.offset() + slice.length()).isEqualTo(size);
  }

  @Property
  void shouldNeverWaitLongerThanAllowed(@ForAll @LongRange(min = 0, max = 999_999_999) long wait) {
    Duration patience = Preferences.parse("wait=" + wait, MAX).patience();

    assertThat(patience).isBetween(Duration.ZERO, MAX);
  }

  private static void readOrRefuse(Supplier<?> read) {
    try {
      assertThat(read.get()).isNotNull();
    } catch (ServiceException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
      assertThat(e.violations())
          .isNotEmpty()
          .allSatisfy(
              violation -> {
                assertThat(violation.field()).startsWith("header ");
                assertThat(violation.message()).contains("allowed: ");
              });
    }
  }

  /** Any text, and texts that are nearly right. */
  @Provide
  Arbitrary<String> fields() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "wait",
            "=",
            "10",
            ",",
            ";",
            "\"",
            "\\",
            "respond-async",
            "handling",
            "strict",
            "*/*",
            "text/plain",
            "q=",
            "0.5",
            "1.0000",
            "bytes",
            "-",
            "0",
            "99999999999999999999",
            "u=",
            "7",
            "no-cache",
            "no-store",
            " ",
            "W/",
            "sha256:");
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(60),
        pieces.list().ofMaxSize(12).map(p -> String.join("", p)));
  }
}
