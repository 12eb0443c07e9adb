package dev.stoker.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ByteSize;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Captured;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Exit;
import dev.stoker.run.OutputFile;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.run.Usage;
import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final Digest DIGEST = Digest.of("x".getBytes(StandardCharsets.UTF_8));

  @Test
  void shouldCarryACommandWithTheTimeThatHasPassed() {
    Command command = command(new Stdin.Inline(new byte[] {0, -1, 7}));

    Command there = (Command) Wire.decode(Wire.encode(command));

    assertThat(at(there, command.acceptedNanos())).isEqualTo(command);
    assertThat(Duration.ofNanos(Math.abs(there.acceptedNanos() - command.acceptedNanos())))
        .isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void shouldCarryEverythingARecordCanHold() {
    RunRecord ended =
        RunRecord.queued(command(new Stdin.Blob(DIGEST)), CacheUse.MISS)
            .started(Instant.now(), 2, "node-abcd")
            .ended(
                new dev.stoker.run.Outcome.Failed("ended by SIGSEGV"),
                Instant.now(),
                new Exit.Signal(11, "SIGSEGV"),
                Captured.of(new byte[] {-1}, 9, true, DIGEST),
                Captured.EMPTY,
                Map.of("avi", new OutputFile(DIGEST, 12, "video/x-msvideo")),
                new Usage(3, 4096));

    assertThat(Wire.decode(Wire.encode(ended))).isEqualTo(ended);
  }

  @Test
  void shouldCarryAFailureWithAllThatItSays() {
    ServiceException invalid =
        ServiceException.invalid(
            ErrorCode.INVALID_PARAMETERS, "no", List.of(new Violation("params.a", "is odd")));
    ServiceException full =
        ServiceException.retryable(ErrorCode.CAPACITY_EXCEEDED, "full", Duration.ofSeconds(7));

    assertThat(Wire.decode(Wire.encode(new BusFailure(invalid))))
        .asInstanceOf(InstanceOfAssertFactories.type(BusFailure.class))
        .extracting(failure -> failure.failure().code(), failure -> failure.failure().violations())
        .containsExactly(ErrorCode.INVALID_PARAMETERS, invalid.violations());
    assertThat(Wire.decode(Wire.encode(new BusFailure(full))))
        .asInstanceOf(InstanceOfAssertFactories.type(BusFailure.class))
        .extracting(failure -> failure.failure().retryAfter())
        .isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void shouldBeginATraceForTheCommandOfANodeThatKnowsOfNone() {
    Command command = command(new Stdin.None());
    String told = new String(Wire.encode(command), StandardCharsets.ISO_8859_1);
    // The key of five letters, as CBOR has it.
    byte[] untold = told.replace("etrace", "eother").getBytes(StandardCharsets.ISO_8859_1);

    assertThat(((Command) Wire.decode(Wire.encode(command))).trace()).isEqualTo(command.trace());
    assertThat(Wire.decode(untold))
        .asInstanceOf(InstanceOfAssertFactories.type(Command.class))
        .satisfies(
            decoded -> {
              assertThat(decoded.id()).isEqualTo(command.id());
              assertThat(decoded.trace().traceId()).isNotEqualTo(command.trace().traceId());
            });
  }

  @Test
  void shouldMakeNothingButStokersOwnTypes() {
    byte[] foreign = Wire.encode(ByteSize.parse("1KiB"));
    String text = new String(foreign, StandardCharsets.ISO_8859_1);
    assertThat(text).contains("dev.stoker.run.ByteSize");
    byte[] evil =
        text.replace("dev.stoker.run.ByteSize", "java.lang.StringBuil")
            .getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> Wire.decode(evil)).isInstanceOf(UncheckedIOException.class);
  }

  private static Command at(Command command, long acceptedNanos) {
    return new Command(
        command.id(),
        command.tool(),
        command.parameters(),
        command.inputs(),
        command.stdin(),
        command.principal(),
        command.priority(),
        command.timeout(),
        acceptedNanos,
        command.submittedAt(),
        command.delivery(),
        command.cacheControl(),
        command.idempotencyKey(),
        command.trace());
  }

  private static Command command(Stdin stdin) {
    return new Command(
        RunId.next(),
        "sleep",
        new JsonObject()
            .put("seconds", 1.5)
            .put("tags", new JsonArray().add("a").add(new JsonObject().put("b", true)))
            .putNull("nothing"),
        Map.of("video", DIGEST),
        stdin,
        Principal.ANONYMOUS,
        3,
        Duration.ofMillis(1500),
        System.nanoTime() - 1_000_000_000L,
        Instant.now(),
        Command.Delivery.DETACHED,
        Command.CacheControl.USE,
        new Command.IdempotencyKey("k", DIGEST),
        TraceContext.begin());
  }
}
