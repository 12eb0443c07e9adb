package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds for every request and for every line. */
class WorkProtocolTest {
  @Property
  void shouldWriteEachRequestAsOneLineThatSaysAllOfIt(
      @ForAll int id,
      @ForAll("texts") List<String> arguments,
      @ForAll("texts") List<String> files) {
    byte[] line = WorkProtocol.request(id, arguments, files, "r1");

    String text = new String(line, UTF_8);
    assertThat(text.indexOf('\n')).isEqualTo(text.length() - 1);
    JsonObject json = new JsonObject(text);
    assertThat(json.getInteger("requestId")).isEqualTo(id);
    assertThat(json.getString("sandboxDir")).isEqualTo("r1");
    assertThat(json.getJsonArray("arguments")).isEqualTo(new JsonArray(arguments));
    assertThat(json.getJsonArray("inputs").stream().map(f -> ((JsonObject) f).getString("path")))
        .isEqualTo(files);
  }

  @Property
  void shouldReadEveryAnswer(@ForAll int id, @ForAll int exitCode, @ForAll("text") String output) {
    String line =
        new JsonObject()
            .put("requestId", id)
            .put("exitCode", exitCode)
            .put("output", output)
            .put("somethingNew", new JsonArray().add(1))
            .encode();

    assertThat(WorkProtocol.reply(line.getBytes(UTF_8)))
        .isEqualTo(new WorkReply.Answer(id, exitCode, output));
  }

  @Property
  void shouldReadAnyBytesAsSomething(@ForAll byte[] line) {
    WorkReply reply = WorkProtocol.reply(line);

    if (reply instanceof WorkReply.Broken(String why, String said)) {
      assertThat(why).startsWith("broke the protocol");
      assertThat(said).hasSizeLessThan(300);
      assertThat(said.chars()).noneMatch(Character::isISOControl);
    }
  }

  @Property
  void shouldCutLinesAlikeHoweverTheyCome(
      @ForAll("texts") List<String> texts, @ForAll @IntRange(min = 1, max = 7) int step) {
    List<String> expected = texts.stream().filter(text -> !text.isBlank()).toList();
    byte[] stream = (String.join("\n", expected) + "\n").getBytes(UTF_8);
    List<String> lines = new ArrayList<>();
    Lines cut = new Lines(1 << 16);

    for (int at = 0; !expected.isEmpty() && at < stream.length; at += step) {
      ByteBuffer chunk = ByteBuffer.wrap(stream, at, Math.min(step, stream.length - at));
      assertThat(cut.add(chunk, line -> lines.add(new String(line, UTF_8)))).isTrue();
    }

    assertThat(lines).isEqualTo(expected);
    assertThat(cut.hasBegun()).isFalse();
  }

  @Property
  void shouldKeepNoMoreOfALineThanTheBound(@ForAll @IntRange(min = 1, max = 100) int bound) {
    Lines cut = new Lines(bound);
    byte[] full = "x".repeat(bound).getBytes(UTF_8);

    assertThat(cut.add(ByteBuffer.wrap(full), line -> {})).isTrue();
    assertThat(cut.add(ByteBuffer.wrap("x".getBytes(UTF_8)), line -> {})).isFalse();
  }

  @Example
  void shouldTakeEveryFieldForOptional() {
    assertThat(WorkProtocol.reply("{}".getBytes(UTF_8))).isEqualTo(new WorkReply.Answer(0, 0, ""));
    assertThat(WorkProtocol.reply("{\"requestId\":5,\"wasCancelled\":true}".getBytes(UTF_8)))
        .isEqualTo(new WorkReply.Cancelled(5));
  }

  @Provide
  Arbitrary<List<String>> texts() {
    return text().list().ofMaxSize(8);
  }

  /** Values as the parameters' rules let them through, without a lone surrogate. */
  @Provide
  Arbitrary<String> text() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .withCharRange('\u00a0', '\ud7ff')
        .ofMaxLength(20);
  }
}
