package dev.stoker.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CommandJsonTest {
  private static final long ACCEPTED_NANOS = 42;

  @Property(tries = 300)
  void shouldReadWhatItWrote(@ForAll("commands") Command command) {
    JsonObject json = new JsonObject(CommandJson.encode(command).toBuffer());

    Command read = CommandJson.decode(json, ACCEPTED_NANOS);

    assertThat(read).isEqualTo(command);
  }

  @Test
  void shouldNotKeepTheInlineStdinOfARunThatIsNeverRunAgain() {
    Command command = LedgerFixture.command("echo", Command.Delivery.STREAM);

    assertThat(CommandJson.decode(CommandJson.encode(command), ACCEPTED_NANOS).stdin())
        .isEqualTo(new Stdin.None());
  }

  @Provide
  Arbitrary<Command> commands() {
    Arbitrary<String> texts =
        Arbitraries.strings().all().ofMaxLength(20).filter(UnicodeText::isWellFormed);
    Arbitrary<Digest> digests = texts.map(LedgerFixture::digest);
    Arbitrary<Stdin> stdins =
        Arbitraries.oneOf(
            Arbitraries.just(new Stdin.None()),
            Arbitraries.bytes().array(byte[].class).map(Stdin.Inline::new),
            digests.map(Stdin.Blob::new));
    Arbitrary<JsonObject> parameters =
        texts.map(
            text ->
                new JsonObject()
                    .put(text, text)
                    .put("list", new JsonArray(List.of(1, 2.5, true, text)))
                    .put("nested", new JsonObject().putNull("nothing")));
    return Combinators.combine(
            parameters,
            Arbitraries.maps(texts, digests).ofMaxSize(3),
            stdins,
            texts.filter(text -> !text.isBlank()),
            Arbitraries.integers().between(0, Command.PRIORITY_LAST),
            Arbitraries.longs().between(1, Duration.ofDays(365).toNanos()),
            Arbitraries.of(Command.CacheControl.values()),
            Combinators.combine(texts, digests).as(Command.IdempotencyKey::new).injectNull(0.3))
        .as(CommandJsonTest::command);
  }

  private static Command command(
      JsonObject parameters,
      Map<String, Digest> inputs,
      Stdin stdin,
      String name,
      int priority,
      long timeoutNanos,
      Command.CacheControl cacheControl,
      Command.IdempotencyKey key) {
    return new Command(
        RunId.next(),
        name,
        parameters,
        inputs,
        stdin,
        new Principal(name),
        priority,
        Duration.ofNanos(timeoutNanos),
        ACCEPTED_NANOS,
        Instant.ofEpochSecond(priority, timeoutNanos),
        Command.Delivery.DETACHED,
        cacheControl,
        key,
        TraceContext.begin());
  }

  /** What JSON's UTF-8 can carry. */
  private static final class UnicodeText {
    static boolean isWellFormed(String text) {
      return text.codePoints()
          .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
  }
}
