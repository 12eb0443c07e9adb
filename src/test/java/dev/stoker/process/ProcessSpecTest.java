package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ProcessSpecTest {
  private static final Specs SPECS = Specs.program(Path.of("/"), "/bin/true", List.of("true"));

  @ParameterizedTest
  @MethodSource("mistakes")
  void shouldRefuseWhatNoSystemCanStart(Specs mistaken, String message) {
    assertThatThrownBy(mistaken::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        arguments(Specs.program(Path.of("/"), "/bin/true", List.of()), "at least"),
        arguments(Specs.program(Path.of("/"), "true", List.of("true")), "not an absolute path"),
        arguments(Specs.program(Path.of("/"), "/bin/true", List.of("a", "b\0c")), "NUL"),
        arguments(SPECS.withEnvironment(Map.of("A", "b\0c")), "NUL"),
        arguments(SPECS.withEnvironment(Map.of("A\0", "b")), "NUL"),
        arguments(SPECS.withEnvironment(Map.of("A=B", "c")), "'A=B' cannot be"),
        arguments(SPECS.withEnvironment(Map.of("", "c")), "'' cannot be"),
        arguments(SPECS.withMark(""), "1 to 200"),
        arguments(SPECS.withMark("x".repeat(201)), "1 to 200"),
        arguments(SPECS.withMark("a\0"), "NUL"));
  }

  @Test
  void shouldNotLetTheEnvironmentForgeTheMark() {
    ProcessSpec spec =
        SPECS.withEnvironment(Map.of("STOKER_RUN", "somebody else's", "A", "1")).build();

    assertThat(spec.environment()).containsExactly(Map.entry("A", "1"));
  }
}
