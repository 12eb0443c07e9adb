package dev.stoker.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CacheKeyTest {
  private static final Ingredients BASE =
      new Ingredients(
          "entry",
          "program",
          "alice",
          List.of("echo", "a"),
          Map.of("PATH", "/bin"),
          Map.of("video", digest("video")),
          new Stdin.None());

  /** All that the key is made of, and nothing else. */
  record Ingredients(
      String entry,
      String program,
      String principal,
      List<String> argv,
      Map<String, String> environment,
      Map<String, Digest> inputs,
      Stdin stdin) {
    CacheKey key() {
      return key(RunId.next(), 3);
    }

    CacheKey key(RunId id, int priority) {
      Command command =
          new Command(
              id,
              "echo",
              new JsonObject(),
              inputs,
              stdin,
              new Principal(principal),
              priority,
              Duration.ofSeconds(priority + 1),
              priority,
              Instant.ofEpochSecond(priority),
              Command.Delivery.WAIT,
              Command.CacheControl.USE,
              null,
              TraceContext.begin());
      return CacheKey.of(
          command,
          new FakeTool(digest(entry), digest(program)),
          new Invocation(argv, environment, Map.of(), Map.of()));
    }
  }

  @Test
  void shouldBeTheSameForEqualCommands() {
    assertThat(BASE.key(RunId.next(), 1)).isEqualTo(BASE.key(RunId.next(), 7));
    assertThat(BASE.key().tool()).isEqualTo("echo");
  }

  @Test
  void shouldChangeWithEachIngredient() {
    List<String> argv = BASE.argv;
    Map<String, String> env = BASE.environment;
    Map<String, Digest> in = BASE.inputs;
    Stdin none = BASE.stdin;
    List<CacheKey> keys =
        Stream.of(
                BASE,
                new Ingredients("other", "program", "alice", argv, env, in, none),
                new Ingredients("entry", "other", "alice", argv, env, in, none),
                new Ingredients("entry", "program", "bob", argv, env, in, none),
                new Ingredients("entry", "program", "alice", List.of("echo", "b"), env, in, none),
                new Ingredients("entry", "program", "alice", List.of("echo"), env, in, none),
                new Ingredients("entry", "program", "alice", argv, Map.of("PATH", "/"), in, none),
                new Ingredients("entry", "program", "alice", argv, Map.of("P", "/bin"), in, none),
                new Ingredients("entry", "program", "alice", argv, env, Map.of(), none),
                new Ingredients(
                    "entry", "program", "alice", argv, env, Map.of("video", digest("x")), none),
                new Ingredients(
                    "entry", "program", "alice", argv, env, Map.of("x", digest("video")), none),
                new Ingredients(
                    "entry", "program", "alice", argv, env, in, new Stdin.Inline(new byte[0])),
                new Ingredients(
                    "entry", "program", "alice", argv, env, in, new Stdin.Inline(new byte[1])),
                new Ingredients(
                    "entry", "program", "alice", argv, env, in, new Stdin.Blob(digest("x"))))
            .map(Ingredients::key)
            .toList();

    assertThat(keys).doesNotHaveDuplicates();
  }

  @Test
  void shouldBeTheSameWhereverStdinIs() {
    byte[] content = {1, 2, 3};
    Ingredients inline = with(BASE, new Stdin.Inline(content));
    Ingredients blob = with(BASE, new Stdin.Blob(Digest.of(content)));

    assertThat(inline.key()).isEqualTo(blob.key());
  }

  private static Ingredients with(Ingredients base, Stdin stdin) {
    return new Ingredients(
        base.entry, base.program, base.principal, base.argv, base.environment, base.inputs, stdin);
  }

  /** Few and short texts, so that what is put together differently often reads the same. */
  @Property(tries = 2000)
  void shouldNotConfuseDifferentCommandsThatReadTheSamePutTogether(
      @ForAll("ingredients") Ingredients one, @ForAll("ingredients") Ingredients other) {
    Assume.that(!one.equals(other));

    assertThat(one.key()).isNotEqualTo(other.key());
  }

  @Provide
  Arbitrary<Ingredients> ingredients() {
    Arbitrary<String> texts = Arbitraries.strings().withChars("a=\0").ofMaxLength(2);
    return Combinators.combine(
            texts,
            texts,
            Arbitraries.of("a", "aa"),
            texts.list().ofMaxSize(3),
            Arbitraries.maps(texts, texts).ofMaxSize(2),
            Arbitraries.maps(texts, texts.map(CacheKeyTest::digest)).ofMaxSize(2))
        .as(
            (entry, program, principal, argv, environment, inputs) ->
                new Ingredients(
                    entry, program, principal, argv, environment, inputs, new Stdin.None()));
  }

  private static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A tool as far as a key needs one. */
  private record FakeTool(Digest digest, Digest executableDigest) implements Tool {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public ToolDefinition definition() {
      throw new AssertionError("not asked for");
    }

    @Override
    public Availability availability() {
      return new Availability.Available(Path.of("/bin/echo"));
    }

    @Override
    public JsonObject check(JsonObject parameters) {
      throw new AssertionError("not asked for");
    }

    @Override
    public JsonObject coerce(Map<String, List<String>> fields) {
      throw new AssertionError("not asked for");
    }

    @Override
    public Invocation bind(JsonObject checked, Set<String> inputs) {
      throw new AssertionError("not asked for");
    }
  }
}
