package dev.stoker.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.stoker.answer.RunAnswer;
import dev.stoker.cache.CacheKey;
import dev.stoker.cache.CachedResult;
import dev.stoker.cache.ResultCache;
import dev.stoker.exchange.Exchange;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers of the result cache, ready to be sent again to a request that is the same byte for byte.
 * Each use asks whether the answer still holds: the same catalog, the same result in the cache, the
 * same program. Confined to its gateway's context.
 */
final class HitMemo {
  private static final String PATH_BEGIN = "/v1/tools/";
  private static final String PATH_END = "/runs";

  /** Fields that change what a request means. Any other is of no account for the answer. */
  private static final List<CharSequence> MEANINGFUL =
      List.of(
          HttpHeaders.createOptimized("Prefer"),
          HttpHeaders.createOptimized("Idempotency-Key"),
          HttpHeaders.createOptimized("Cache-Control"),
          HttpHeaders.createOptimized("Stoker-Timeout"),
          HttpHeaders.createOptimized("Priority"),
          HttpHeaders.createOptimized("Expect"),
          HttpHeaders.createOptimized("Content-Encoding"),
          HttpHeaders.createOptimized("Authorization"),
          HttpHeaders.createOptimized("Cookie"),
          HttpHeaders.createOptimized("Range"),
          HttpHeaders.createOptimized("Last-Event-ID"),
          HttpHeaders.createOptimized("Upgrade"));

  /** How old the look at a program's file may be: a request is never told older news than this. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final int ENTRY_OVERHEAD_BYTES = 1024;

  private final Catalog catalog;
  private final ResultCache cache;
  private final Traffic traffic;
  private final long requestBytesMax;
  private final boolean enabled;
  private final Cache<Key, Memo> memos;

  /** What makes two requests the same. */
  record Key(String uri, @Nullable String contentType, @Nullable String accept, Buffer body) {}

  private static final class Memo {
    private final Tool tool;
    private final long generation;
    private final CacheKey key;
    private final CachedResult result;
    private final Digest program;
    private final Buffer body;
    private final RunRecord run;
    private final LongConsumer hits;
    private long lookedNanos;
    private long headersSecond;
    private MultiMap headers = HttpHeaders.headers();

    Memo(
        Tool tool,
        long generation,
        Digest program,
        CacheKey key,
        CachedResult result,
        LongConsumer hits) {
      RunRecord run = result.run().with(CacheUse.HIT);
      this.hits = hits;
      this.tool = tool;
      this.generation = generation;
      this.key = key;
      this.result = result;
      this.program = program;
      this.lookedNanos = System.nanoTime();
      this.body = RunJson.text(run).appendString("\n");
      this.run = run;
    }

    /** Made anew each second, since the age is in them; Vert.x renders what cannot change once. */
    MultiMap headers() {
      long second = System.currentTimeMillis() / 1000;
      if (second != headersSecond) {
        headersSecond = second;
        MultiMap made = HttpHeaders.headers();
        RunAnswer.headers(made, run);
        headers =
            made.set(HttpHeaders.LOCATION, "/v1/runs/" + run.id())
                .set("Cache-Status", RunAnswer.localHit(result, Instant.now()))
                .set(HttpHeaders.CONTENT_TYPE, "application/json")
                .set(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .copy(false);
      }
      return headers;
    }
  }

  HitMemo(GatewayParts parts, GatewaySettings.Memo settings, Traffic traffic) {
    this.catalog = parts.catalog();
    this.cache = parts.cache();
    this.traffic = traffic;
    this.requestBytesMax = settings.requestBytes().bytes();
    // The memo answers without a word to anyone.
    this.enabled = settings.bytes().bytes() > 0 && !parts.audit().tellsHits();
    this.memos =
        Caffeine.newBuilder()
            .maximumWeight(settings.bytes().bytes())
            .weigher(
                (Key key, Memo memo) ->
                    ENTRY_OVERHEAD_BYTES + key.body().length() + 2 * memo.body.length())
            .executor(Runnable::run)
            .build();
  }

  /** Whether a request may be answered from here, once its body is read. */
  boolean considers(HttpServerRequest request) {
    if (!enabled || !request.method().equals(HttpMethod.POST)) {
      return false;
    }
    String uri = request.uri();
    if (!uri.startsWith(PATH_BEGIN) || !uri.endsWith(PATH_END) || !isShort(request)) {
      return false;
    }
    String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
    if (type == null || !type.startsWith("application/json")) {
      return false;
    }
    for (CharSequence field : MEANINGFUL) {
      if (request.headers().contains(field)) {
        return false;
      }
    }
    return true;
  }

  private boolean isShort(HttpServerRequest request) {
    String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
    if (length == null || length.isEmpty() || length.length() > 6) {
      return false;
    }
    int bytes = 0;
    for (int i = 0; i < length.length(); i++) {
      char digit = length.charAt(i);
      if (digit < '0' || digit > '9') {
        return false;
      }
      bytes = bytes * 10 + digit - '0';
    }
    return bytes <= requestBytesMax;
  }

  /** What a considered request is known by. */
  static Key key(HttpServerRequest request, Buffer body) {
    return new Key(
        request.uri(),
        request.headers().get(HttpHeaders.CONTENT_TYPE),
        request.headers().get(HttpHeaders.ACCEPT),
        body);
  }

  /** Answers the request, which began then, if the answer is known and holds. */
  boolean answer(HttpServerRequest request, long beganNanos, Key key) {
    Memo memo = memos.getIfPresent(key);
    if (memo == null) {
      return false;
    }
    if (!holds(memo)) {
      memos.invalidate(key);
      return false;
    }
    HttpServerResponse response = request.response();
    response.headers().setAll(memo.headers());
    response.end(memo.body);
    memo.hits.accept(System.nanoTime() - beganNanos);
    return true;
  }

  private boolean holds(Memo memo) {
    if (catalog.generation() != memo.generation
        || !cache.get(memo.key).filter(memo.result::equals).isPresent()) {
      return false;
    }
    long now = System.nanoTime();
    if (now - memo.lookedNanos < LOOK_NANOS) {
      return true;
    }
    memo.lookedNanos = now;
    try {
      return memo.tool.executableDigest().equals(memo.program);
    } catch (ServiceException gone) {
      return false;
    }
  }

  /**
   * Keeps the answer to an exchange that was a hit, if it was considered. A result that refers to
   * blobs is not kept: they may go while the result stays.
   */
  void keep(Exchange exchange, Tool tool, Command command) {
    Buffer body = exchange.body();
    if (body == null || tool.availability() instanceof Availability.Unavailable) {
      return;
    }
    long generation = catalog.generation();
    // Before the key: a program that changes in between makes a memo that never holds, not one that
    // says for ever that the new program gave the old result.
    Digest program = tool.executableDigest();
    CacheKey key =
        CacheKey.of(command, tool, tool.bind(command.parameters(), command.inputs().keySet()));
    cache
        .get(key)
        .filter(result -> selfContained(result.run()))
        .ifPresent(
            result ->
                memos.put(
                    key(exchange.request(), body),
                    new Memo(tool, generation, program, key, result, traffic.hits(tool.name()))));
  }

  private static boolean selfContained(RunRecord run) {
    return run.outputs().isEmpty() && run.stdout().blob() == null && run.stderr().blob() == null;
  }
}
