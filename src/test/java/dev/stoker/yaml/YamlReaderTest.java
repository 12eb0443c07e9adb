package dev.stoker.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.run.ByteSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlReaderTest {
  private final YamlReader reader = new YamlReader();

  enum Level {
    LOW,
    VERY_HIGH
  }

  private record Limits(
      @Nullable ByteSize stdout, @JsonProperty("default") @Nullable Duration byDefault) {
    Limits {
      if (byDefault != null && byDefault.isZero()) {
        throw new IllegalArgumentException("the default is longer than zero");
      }
    }
  }

  private record Sample(
      @Nullable String name,
      @Nullable Integer count,
      @Nullable Boolean on,
      @Nullable Level level,
      @Nullable Limits limits,
      @Nullable List<String> words,
      @Nullable Map<String, String> map,
      @Nullable Map<String, Limits> many,
      @Nullable JsonNode any) {}

  private record Needed(int port) {}

  @Test
  void shouldBindEveryKindOfValue() {
    Sample sample =
        reader.readText(
            "a.yaml",
            """
            name: x
            count: 3
            on: true
            level: very_high
            limits: {stdout: 64KiB, default: 30s}
            words: [no, "1", yes]
            map: {A: "", B: off}
            many: {one: {stdout: 12}}
            any: [1, {b: null}]
            """,
            Sample.class);

    assertThat(sample.name()).isEqualTo("x");
    assertThat(sample.count()).isEqualTo(3);
    assertThat(sample.on()).isTrue();
    assertThat(sample.level()).isEqualTo(Level.VERY_HIGH);
    assertThat(sample.limits()).isEqualTo(new Limits(new ByteSize(65536), Duration.ofSeconds(30)));
    assertThat(sample.words()).containsExactly("no", "1", "yes");
    assertThat(sample.map()).containsEntry("A", "").containsEntry("B", "off");
    assertThat(sample.many()).containsEntry("one", new Limits(new ByteSize(12), null));
    assertThat(String.valueOf(sample.any())).isEqualTo("[1,{\"b\":null}]");
  }

  @ParameterizedTest
  @CsvSource({"low,LOW", "very_high,VERY_HIGH", "very-high,VERY_HIGH", "veryHigh,VERY_HIGH"})
  void shouldTakeEachFormOfAnEnum(String text, Level level) {
    assertThat(reader.readText("a", "level: " + text, Sample.class).level()).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nmae: x | nmae | 1 | is not a key; allowed: any, count, level, limits, many, map, name, on, words",
        "limits: {stdot: 1} | limits.stdot | 1 | is not a key; allowed: default, stdout",
        "many: {one: {x: {y: 1}}} | many.one.x | 1 | is not a key; allowed: default, stdout",
        "name: 5 | name | 1 | text",
        "name: true | name | 1 | text",
        "name: 1.5 | name | 1 | text",
        "name: [a] | name | 1 | text",
        "words: [a, 5] | words[1] | 1 | text",
        "words: a | words | 1 | a list",
        "map: {A: 5} | map.A | 1 | text",
        "count: x | count | 1 | a whole number",
        "count: 1.5 | count | 1 | a whole number",
        "count: \"1\" | count | 1 | a whole number",
        "count: 99999999999 | count | 1 | a whole number",
        "on: yes | on | 1 | true or false",
        "on: 1 | on | 1 | true or false",
        "level: LOW | level | 1 | 'LOW' is not allowed; allowed: low, very_high",
        "level: [low] | level | 1 | allowed: low, very_high",
        "limits: 5 | limits | 1 | a map with the keys default, stdout",
        "limits: {stdout: 5 apples} | limits.stdout | 1 | B, KiB, MiB, GiB or TiB",
        "limits: {default: 5} | limits.default | 1 | '5 (without a unit)' is not a duration",
        "limits: {default: 0s} | limits | 1 | the default is longer than zero",
        "limits: {default: {}} | limits.default | 1 | a duration, as in 30s",
        "[1] | `` | 1 | a map with the keys",
        "a: *b | `` | 1 | aliases",
        "a: &x [1] | a | 1 | is not a key",
        "a: [ | `` | 1 | is not YAML",
        "`` | `` | 1 | is empty",
        "# only a comment | `` | 1 | is empty",
        "{name: a, name: b} | `` | 1 | the key 'name' is given twice",
        "any: {b: 1, b: 2} | `` | 1 | the key 'b' is given twice",
      })
  void shouldSayWhereAndWhatIsAllowed(String yaml, String path, int line, String words) {
    YamlException thrown =
        catchThrowableOfType(
            YamlException.class, () -> reader.readText("a.yaml", yaml, Sample.class));

    assertThat(thrown).isNotNull();
    YamlMistake mistake = thrown.mistakes().getFirst();
    assertThat(mistake.message()).contains(words);
    assertThat(mistake).returns("a.yaml", YamlMistake::file).returns(path, YamlMistake::path);
    assertThat(mistake.line()).isEqualTo(line);
  }

  @Test
  void shouldFindSeveralMistakesInOneReading() {
    String yaml = "nmae: x\nlevel: high\nlimits:\n  stdout: much\nname: y\n";

    YamlException thrown =
        catchThrowableOfType(YamlException.class, () -> reader.readText("a", yaml, Sample.class));

    assertThat(thrown.mistakes())
        .extracting(YamlMistake::path)
        .containsExactly("nmae", "level", "limits.stdout");
    assertThat(thrown.mistakes()).extracting(YamlMistake::line).containsExactly(1, 2, 4);
    assertThat(thrown).hasMessageContaining("a:4: limits.stdout: 'much' is not a size");
  }

  @Test
  void shouldRefuseASecondDocument() {
    assertThatThrownBy(() -> reader.readText("a", "name: x\n---\nname: y\n", Sample.class))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("one");
  }

  @Test
  void shouldNameAMissingPrimitive() {
    YamlException thrown =
        catchThrowableOfType(YamlException.class, () -> reader.readText("a", "{}", Needed.class));

    assertThat(thrown.mistakes().getFirst())
        .returns("port", YamlMistake::path)
        .returns("must be given; allowed: a whole number", YamlMistake::message);
  }

  @Test
  void shouldRefuseAnAliasBomb() {
    String bomb =
        "any:\n  a0: &a0 [x, x]\n"
            + IntStream.range(1, 40)
                .mapToObj(i -> "  a" + i + ": &a" + i + " [*a" + (i - 1) + ", *a" + (i - 1) + "]\n")
                .collect(Collectors.joining());

    assertThatThrownBy(() -> reader.readText("a", bomb, Sample.class))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("aliases");
  }

  @Test
  void shouldRefuseDeepNesting() {
    assertThatThrownBy(() -> reader.readText("a", "any: " + "[".repeat(10_000), Sample.class))
        .isInstanceOf(YamlException.class);
  }

  @Test
  void shouldRefuseAFileOverTheBound(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("big.yaml");
    Files.writeString(file, "# " + "x".repeat(YamlReader.BYTES_MAX));

    assertThatThrownBy(() -> reader.read(file, Sample.class))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("is larger than 1048576 bytes");
  }

  @Test
  void shouldRefuseWhatIsNotUtf8(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("latin.yaml");
    Files.write(file, "name: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> reader.read(file, Sample.class))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("is not UTF-8 text");
  }

  @Test
  void shouldSayThatAFileIsMissing(@TempDir Path directory) {
    assertThatThrownBy(() -> reader.read(directory.resolve("no.yaml"), Sample.class))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("does not exist");
  }
}
