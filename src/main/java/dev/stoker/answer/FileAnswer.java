package dev.stoker.answer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.header.ByteRange;
import dev.stoker.header.EntityTag;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/** Answers with files: whole or a range, never through the heap. Confined to its context. */
public final class FileAnswer {
  /** A caller who takes a file more slowly than this is cut off. */
  private static final long SLOWEST_BYTES_PER_SECOND = 4096;

  private final BlobStore blobs;
  private final Duration stall;

  /**
   * Makes one.
   *
   * @param stall how long a caller may take nothing
   */
  public FileAnswer(BlobStore blobs, Duration stall) {
    this.blobs = blobs;
    this.stall = stall;
  }

  /** Answers with a run's file, or with what became of the run. */
  public void output(Exchange exchange, RunRecord run, String name) {
    OutputFile file = run.outputs().get(name);
    if (file == null || run.state() != RunState.SUCCEEDED) {
      throw run.state() == RunState.SUCCEEDED
          ? Refusal.runFailed(run, "the run made no output '" + name + "'")
          : RunAnswer.failed(run);
    }
    send(exchange, file.blob(), file.mediaType(), Optional.of(name));
  }

  /**
   * Answers with a blob's content; HEAD with its headers.
   *
   * @param name under which it may be saved
   * @throws ServiceException BLOB_NOT_FOUND
   * @throws Refusal 416
   */
  public void send(Exchange exchange, Digest digest, String mediaType, Optional<String> name) {
    Blob blob =
        blobs
            .find(digest)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.BLOB_NOT_FOUND, "there is no blob " + digest + " any more"));
    HttpServerResponse response = exchange.response();
    response
        .putHeader(HttpHeaders.ETAG, EntityTag.of(digest))
        .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
        .putHeader("X-Content-Type-Options", "nosniff");
    name.ifPresent(
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
        .putHeader(HttpHeaders.CONTENT_TYPE, mediaType)
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
        .onComplete(sent -> exchange.cancelTimer(timer), e -> exchange.fail(e));
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
