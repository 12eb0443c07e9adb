package dev.stoker.gateway;

import dev.stoker.answer.FileAnswer;
import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.exchange.Exchange;
import dev.stoker.request.BlobBody;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** Blobs: uploaded once, referred to often. Confined to its gateway's context. */
final class BlobRoutes {
  private final BlobStore blobs;
  private final BlobBody body;
  private final FileAnswer files;

  BlobRoutes(BlobStore blobs, BlobBody body, FileAnswer files) {
    this.blobs = blobs;
    this.body = body;
    this.files = files;
  }

  /** {@code POST /v1/blobs}. */
  Future<Void> create(Exchange exchange) {
    return body.store(exchange)
        .map(
            blob -> {
              exchange.response().putHeader("Location", "/v1/blobs/" + blob.digest().hex());
              exchange.json(201, encode(blob));
              return null;
            });
  }

  /** {@code PUT /v1/blobs/{sha256}}. */
  Future<Void> put(Exchange exchange) {
    Digest digest = Digest.parse(exchange.path("sha256"));
    int status = blobs.find(digest).isPresent() ? 200 : 201;
    return body.store(exchange)
        .map(
            blob -> {
              if (!blob.digest().equals(digest)) {
                throw ServiceException.invalid(
                    ErrorCode.DIGEST_MISMATCH,
                    "the content is not what its digest says",
                    List.of(
                        new Violation(
                            "path sha256",
                            "is " + digest + ", the content's is " + blob.digest())));
              }
              exchange.json(status, encode(blob));
              return null;
            });
  }

  /** {@code GET} and {@code HEAD /v1/blobs/{sha256}}. */
  Future<Void> get(Exchange exchange) {
    return files.send(
        exchange,
        new FileAnswer.Named(
            Digest.parse(exchange.path("sha256")),
            "application/octet-stream",
            null,
            Optional.empty()));
  }

  private static JsonObject encode(Blob blob) {
    return new JsonObject().put("blob", blob.digest().toString()).put("bytes", blob.bytes());
  }
}
