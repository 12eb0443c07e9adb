package dev.stoker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.TraceContext.Sampling;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";

  @Test
  void shouldSayWhatACallerSaid() {
    TraceContext told = TraceContext.of(PARENT, "vendor=a,other@tenant=b c");

    assertThat(told)
        .isEqualTo(new TraceContext(TRACE, SPAN, Sampling.KEPT, "vendor=a,other@tenant=b c"));
    assertThat(told.parent()).isEqualTo(PARENT);
  }

  @ParameterizedTest
  @CsvSource({"00, NOT_KEPT", "01, KEPT", "02, NOT_KEPT", "03, KEPT", "fe, NOT_KEPT"})
  void shouldKnowTheOneFlagThatTellsOfSampling(String flags, Sampling sampling) {
    assertThat(TraceContext.of("00-" + TRACE + "-" + SPAN + "-" + flags, null).sampling())
        .isEqualTo(sampling);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cc-%s-%s-01", "01-%s-%s-01-more", "fe-%s-%s-01-"})
  void shouldTakeWhatItKnowsOfALaterVersion(String later) {
    TraceContext told = TraceContext.of(later.formatted(TRACE, SPAN), null);

    assertThat(told.traceId()).isEqualTo(TRACE);
    assertThat(told.spanId()).isEqualTo(SPAN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6",
      })
  void shouldBeginATraceWhereACallersCannotBeUnderstood(String parent) {
    TraceContext own = TraceContext.of(parent, "vendor=a");

    assertThat(own.traceId()).isNotEqualTo(TRACE);
    assertThat(own.state()).isEmpty();
    assertThat(own.sampling()).isEqualTo(Sampling.NOT_KEPT);
  }

  @Property
  void shouldAlwaysGiveAContextThatCanBeTold(@ForAll String parent, @ForAll String state) {
    TraceContext own = TraceContext.of(parent, state);

    assertThat(TraceContext.of(own.parent(), own.state())).isEqualTo(own);
  }

  @Property
  void shouldHandOnOnlyAStateThatIsOne(@ForAll String state) {
    String kept = TraceContext.of(PARENT, state).state();

    assertThat(kept).hasSizeLessThanOrEqualTo(TraceState.LENGTH_MAX);
    assertThat(TraceContext.of(PARENT, kept).state()).isEqualTo(kept);
    assertThat(kept).matches("[\\x20-\\x7e]*");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a=1|a=1",
        "' a=1 , b=2 '|a=1,b=2",
        "a=1,,b=2|a=1,b=2",
        "1a@b=x|1a@b=x",
        "a=1,a=2|''",
        "A=1|''",
        "a|''",
        "a=|''",
        "a=b=c|''",
        "=1|''",
        "1a=1|''",
        "a=\u00e9|''",
      })
  void shouldHandOnAStateAsItIsUnlessItHasAMistake(String state, String kept) {
    assertThat(TraceContext.of(PARENT, state).state()).isEqualTo(kept);
  }

  @Test
  void shouldHandOnAsManyMembersAsFit() {
    String long12 =
        IntStream.range(0, 12)
            .mapToObj(i -> "k" + i + "=" + "v".repeat(60))
            .collect(Collectors.joining(","));

    String kept = TraceContext.of(PARENT, long12).state();

    assertThat(long12).startsWith(kept);
    assertThat(kept.split(",")).hasSize(8);
  }

  @Test
  void shouldRefuseAStateOfTooManyMembers() {
    String many =
        IntStream.rangeClosed(0, TraceState.MEMBERS_MAX)
            .mapToObj(i -> "k" + i + "=v")
            .collect(Collectors.joining(","));

    assertThat(TraceContext.of(PARENT, many).state()).isEmpty();
  }

  @Test
  void shouldNeverBeginTheSameTraceTwice() {
    assertThat(IntStream.range(0, 1000).mapToObj(i -> TraceContext.begin().traceId()))
        .doesNotHaveDuplicates()
        .allMatch(id -> id.matches("[0-9a-f]{32}"));
  }

  @Test
  void shouldBeNoContextWithoutIds() {
    assertThatThrownBy(() -> context("", SPAN)).hasMessageContaining("not a trace's");
    assertThatThrownBy(() -> context(TRACE, "0".repeat(16))).hasMessageContaining("not a trace's");
  }

  private static TraceContext context(String trace, String span) {
    return new TraceContext(trace, span, Sampling.KEPT, "");
  }
}
