package dev.stoker.run;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request for one execution of a tool, already checked: the parameters are what the tool's schema
 * allows, with its defaults filled in; the blobs exist.
 *
 * <p>Immutable; nobody changes {@code parameters}.
 *
 * @param timeout from accept to kill, as the caller shortened it
 * @param acceptedNanos {@link System#nanoTime()} of this JVM when it was accepted; another JVM is
 *     told the time since
 * @param priority the urgency of RFC 9218, 0 (first) to 7 (last), among the principal's own runs
 * @param trace what it is done under: its caller's trace, or one of its own
 */
public record Command(
    RunId id,
    String tool,
    JsonObject parameters,
    Map<String, Digest> inputs,
    Stdin stdin,
    Principal principal,
    int priority,
    Duration timeout,
    @JsonSerialize(using = ElapsedNanos.Writer.class)
        @JsonDeserialize(using = ElapsedNanos.Reader.class)
        long acceptedNanos,
    Instant submittedAt,
    Delivery delivery,
    CacheControl cacheControl,
    @Nullable IdempotencyKey idempotencyKey,
    TraceContext trace) {

  /** RFC 9218's default urgency. */
  public static final int PRIORITY_DEFAULT = 3;

  /** RFC 9218's least urgent. */
  public static final int PRIORITY_LAST = 7;

  /** How the caller takes the result. */
  public enum Delivery {
    /** The caller waits; the run is of no use once it is gone. */
    WAIT,
    /** The caller has, or will have, a 202: the run may not be lost. */
    DETACHED,
    /** The caller takes stdout as it is written, however much; nothing of it is kept. */
    STREAM
  }

  /** What the caller allows the cache (RFC 9111's request directives). */
  public enum CacheControl {
    USE,
    /** {@code no-cache}: run it, store the result. */
    NO_CACHE,
    /** {@code no-store}: run it, store nothing. */
    NO_STORE
  }

  /**
   * The caller's own name for this command: the same key never starts a second run.
   *
   * @param key the caller's, as given
   * @param fingerprint of all that makes two commands equal
   */
  public record IdempotencyKey(String key, Digest fingerprint) {}

  public Command {
    inputs = Map.copyOf(inputs);
    if (priority < 0 || priority > PRIORITY_LAST) {
      throw new IllegalArgumentException("priority " + priority + " is not 0 to 7");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a timeout is positive, not " + timeout);
    }
  }

  /** The same under another span of its trace. */
  public Command traced(TraceContext under) {
    if (under.equals(trace)) {
      return this;
    }
    return new Command(
        id,
        tool,
        parameters,
        inputs,
        stdin,
        principal,
        priority,
        timeout,
        acceptedNanos,
        submittedAt,
        delivery,
        cacheControl,
        idempotencyKey,
        under);
  }

  /** Without parameters and standard input: some are secret, and texts end up in logs. */
  @Override
  public String toString() {
    return "Command[" + id + ", tool=" + tool + ", principal=" + principal.name() + "]";
  }

  /** Whether its run outlives the node that took it: somebody will come back for it. */
  public boolean isDurable() {
    return delivery == Delivery.DETACHED || idempotencyKey != null;
  }

  /** The blobs that it needs. */
  public Stream<Digest> blobs() {
    Stream<Digest> files = inputs.values().stream();
    return stdin instanceof Stdin.Blob(Digest digest)
        ? Stream.concat(files, Stream.of(digest))
        : files;
  }

  /** Time left before the deadline; zero or less when it has passed. */
  public Duration remaining(long nowNanos) {
    return timeout.minusNanos(nowNanos - acceptedNanos);
  }
}
