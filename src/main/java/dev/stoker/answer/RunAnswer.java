package dev.stoker.answer;

import dev.stoker.cache.CacheKey;
import dev.stoker.cache.CachedResult;
import dev.stoker.cache.ResultCache;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.header.Preferences;
import dev.stoker.header.Preferences.Handling;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Tool;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Tells of a run: its header fields, and its record. */
public final class RunAnswer {
  private RunAnswer() {}

  /** The fields that every answer about a run has. */
  public static void headers(MultiMap headers, RunRecord run) {
    headers.set("Stoker-Run-Id", run.id().toString());
    String timing = timing(run);
    if (!timing.isEmpty()) {
      headers.set("Server-Timing", timing);
    }
  }

  /** The fields of an answer to a request for a run. */
  public static void headers(
      Exchange exchange, RunRecord run, Preferences preferences, String cacheStatus) {
    MultiMap headers = exchange.response().headers();
    headers(headers, run);
    headers.set("Location", "/v1/runs/" + run.id());
    headers.set("Cache-Status", cacheStatus);
    String applied = preferences.applied();
    if (!applied.isEmpty()) {
      headers.set("Preference-Applied", applied);
    }
  }

  /** Answers with the record: 202 until it has ended, 422 when that is what failing means here. */
  public static void record(Exchange exchange, RunRecord run, Preferences preferences) {
    if (!run.state().isTerminal()) {
      exchange.run(202, run);
    } else if (preferences.handling() == Handling.STRICT && run.state() != RunState.SUCCEEDED) {
      exchange.fail(failed(run));
    } else {
      exchange.run(200, run);
    }
  }

  /** The refusal of a result that a run has not. */
  public static Refusal failed(RunRecord run) {
    String reason = run.reason();
    return Refusal.runFailed(
        run, "the run ended as " + run.state().label() + (reason == null ? "" : ": " + reason));
  }

  /** {@code Cache-Status} (RFC 9211) of the answer to a command, as the cache is now. */
  public static String cacheStatus(RunRecord run, Command command, Tool tool, ResultCache cache) {
    Optional<CachedResult> stored = stored(command, tool, cache);
    return switch (run.cache()) {
      case HIT -> hit(stored.map(result -> ttl(result, Instant.now())).orElse(""), "local");
      case CLUSTER_HIT ->
          hit(stored.map(result -> ttl(result, Instant.now())).orElse(""), "cluster");
      case COLLAPSED -> "stoker; fwd=miss; collapsed";
      case MISS -> "stoker; fwd=miss" + (stored.isPresent() ? "; stored" : "");
      case BYPASS ->
          command.cacheControl() == CacheControl.USE
              ? "stoker; fwd=bypass"
              : "stoker; fwd=request" + (stored.isPresent() ? "; stored" : "");
    };
  }

  /** Of a result that is remembered, found again on this node. */
  public static String localHit(CachedResult result, Instant now) {
    return hit(ttl(result, now), "local");
  }

  private static String hit(String ttl, String level) {
    return "stoker; hit" + ttl + "; detail=" + level;
  }

  private static Optional<CachedResult> stored(Command command, Tool tool, ResultCache cache) {
    // One that runs on other nodes only has no program here that a key could cover.
    if (tool.definition().cache() == null
        || tool.availability() instanceof Availability.Unavailable) {
      return Optional.empty();
    }
    return cache.get(
        CacheKey.of(command, tool, tool.bind(command.parameters(), command.inputs().keySet())));
  }

  /** Seconds that a result is kept from now. */
  private static String ttl(CachedResult result, Instant now) {
    return "; ttl=" + Math.max(0, Duration.between(now, result.expiresAt()).toSeconds());
  }

  private static String timing(RunRecord run) {
    if (run.cache() == CacheUse.HIT || run.cache() == CacheUse.CLUSTER_HIT) {
      return "cache;desc=\"hit\"";
    }
    Instant started = run.startedAt();
    if (started == null) {
      return "";
    }
    String queue = "queue;dur=" + millis(run.submittedAt(), started);
    Instant finished = run.finishedAt();
    return finished == null ? queue : queue + ", exec;dur=" + millis(started, finished);
  }

  private static String millis(Instant from, Instant to) {
    double millis = Duration.between(from, to).toNanos() / 1e6;
    return String.format(Locale.ROOT, "%.3f", Math.max(0, millis));
  }
}
