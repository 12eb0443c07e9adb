package dev.stoker.answer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.header.ByteRange;
import dev.stoker.header.EntityTag;
import dev.stoker.peer.Peers;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers with files, on whichever node they are: whole or a range, never through the heap.
 * Confined to its context.
 */
public final class FileAnswer {
  /** A caller who takes a file more slowly than this is cut off. */
  private static final long SLOWEST_BYTES_PER_SECOND = 4096;

  private final BlobStore blobs;
  private final Peers peers;
  private final Duration stall;

  /**
   * Makes one.
   *
   * @param stall how long a caller may take nothing
   */
  public FileAnswer(BlobStore blobs, Peers peers, Duration stall) {
    this.blobs = blobs;
    this.peers = peers;
    this.stall = stall;
  }

  /**
   * A file that has a name.
   *
   * @param likely the node that should have it; null when nobody knows
   * @param name under which it may be saved
   */
  public record Named(
      Digest digest, String mediaType, @Nullable String likely, Optional<String> name) {}

  /** Answers with a run's file. Fails as {@link #send} does, or with what became of the run. */
  public Future<Void> output(Exchange exchange, RunRecord run, String name) {
    OutputFile file = run.outputs().get(name);
    if (file == null || run.state() != RunState.SUCCEEDED) {
      return Future.failedFuture(
          run.state() == RunState.SUCCEEDED
              ? Refusal.runFailed(run, "the run made no output '" + name + "'")
              : RunAnswer.failed(run));
    }
    return send(exchange, new Named(file.blob(), file.mediaType(), run.node(), Optional.of(name)));
  }

  /**
   * Answers with a blob's content, which is brought here first if it is on another node; HEAD with
   * its headers. Fails with BLOB_NOT_FOUND when no node has it, or with a 416.
   */
  public Future<Void> send(Exchange exchange, Named file) {
    Optional<Blob> here = blobs.find(file.digest());
    if (here.isPresent()) {
      send(exchange, file, here.get());
      return Future.succeededFuture();
    }
    return exchange
        .here(peers.obtain(file.digest(), file.likely()))
        .map(
            found -> {
              Blob blob =
                  found.orElseThrow(
                      () ->
                          new ServiceException(
                              ErrorCode.BLOB_NOT_FOUND,
                              "there is no blob " + file.digest() + " any more"));
              if (!exchange.gone()) {
                send(exchange, file, blob);
              }
              return null;
            });
  }

  private void send(Exchange exchange, Named file, Blob blob) {
    Digest digest = file.digest();
    HttpServerResponse response = exchange.response();
    response
        .putHeader(HttpHeaders.ETAG, EntityTag.of(digest))
        .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
        .putHeader("X-Content-Type-Options", "nosniff");
    file.name()
        .ifPresent(
            given ->
                response.putHeader(
                    "Content-Disposition", "attachment; filename=\"" + fileName(given) + "\""));
    HttpMethod method = exchange.request().method();
    boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    if (reads && EntityTag.matches(exchange.header("If-None-Match"), digest)) {
      response.setStatusCode(304).end();
      return;
    }
    ByteRange.Slice slice = slice(exchange, digest, blob.bytes());
    if (slice.length() < blob.bytes()) {
      response.setStatusCode(206).putHeader(HttpHeaders.CONTENT_RANGE, slice.of(blob.bytes()));
    }
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, file.mediaType())
        .putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(slice.length()));
    if (exchange.request().method().equals(HttpMethod.HEAD) || slice.length() == 0) {
      response.end();
    } else {
      transfer(exchange, digest, slice);
    }
  }

  private void transfer(Exchange exchange, Digest digest, ByteRange.Slice slice) {
    // How far the kernel has come is not to be seen here, so the whole transfer has a bound.
    long millis = stall.toMillis() + slice.length() * 1000 / SLOWEST_BYTES_PER_SECOND;
    long timer = exchange.timer(millis, exchange::abort);
    exchange
        .response()
        .sendFile(blobs.path(digest).toString(), slice.offset(), slice.length())
        .onFailure(exchange::fail)
        .onComplete(over -> exchange.cancelTimer(timer));
  }

  private static ByteRange.Slice slice(Exchange exchange, Digest digest, long size) {
    String ifRange = exchange.header("If-Range");
    // Range means something with GET only (RFC 9110, 14.2).
    boolean current =
        exchange.request().method().equals(HttpMethod.GET)
            && (ifRange == null || ifRange.equals(EntityTag.of(digest)));
    Optional<ByteRange> asked =
        current ? ByteRange.parse(exchange.header("Range")) : Optional.empty();
    return asked.isEmpty()
        ? new ByteRange.Slice(0, size)
        : asked.get().in(size).orElseThrow(() -> Refusal.unsatisfiable(size));
  }

  private static String fileName(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]", "_");
  }
}
