package dev.stoker.request;

import dev.stoker.blob.BlobStore;
import dev.stoker.check.StaticCheck;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.peer.Peers;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Reads checked commands from requests for runs. Thread-safe; an exchange is read on its context.
 */
public final class CommandReader {
  private final RunRequestReader requests;
  private final Limits limits;
  private final CommandFactory commands;

  /**
   * How much of a body is read.
   *
   * @param json of a JSON body, a form, or the fields of a multipart body
   * @param stdin of a body or a file part that is standard input
   */
  public record Limits(ByteSize json, ByteSize stdin) {}

  public CommandReader(BlobStore blobs, Peers peers, StaticCheck check, Limits limits) {
    this.limits = limits;
    this.requests = new RunRequestReader(blobs, limits);
    this.commands = new CommandFactory(blobs, peers, new CallersScripts(blobs, check));
  }

  /**
   * Reads the body and checks all that it says against the tool. Throws or fails with a {@link
   * ServiceException} (INVALID_REQUEST, INVALID_PARAMETERS, PAYLOAD_TOO_LARGE, BLOB_NOT_FOUND,
   * SCRIPT_REFUSED) or a {@link Refusal} (400, 408, 415); what can be refused by the header is
   * refused before the body.
   *
   * @param acceptedNanos of {@link System#nanoTime}, when the request came
   */
  public Future<Command> read(
      Exchange exchange, Tool tool, RunOptions options, long acceptedNanos) {
    return requests
        .read(exchange, tool)
        .compose(request -> exchange.here(commands.command(tool, request, options, acceptedNanos)));
  }

  /**
   * The same of a request in the JSON form that came some other way: it is read as if it had come
   * as text. Complete at once unless a blob must be brought here or a script be checked; then on
   * any thread.
   */
  public Future<Command> read(JsonObject body, Tool tool, RunOptions options, long acceptedNanos) {
    Buffer text;
    try {
      text = body.toBuffer();
    } catch (EncodeException e) {
      throw ServiceException.invalid(
          ErrorCode.INVALID_REQUEST,
          "the body cannot be read",
          List.of(new Violation("body", "is not JSON in UTF-8")));
    }
    if (text.length() > limits.json().bytes()) {
      throw BodyReader.tooLarge("body", limits.json().bytes());
    }
    RunRequest request = new JsonBody(Json.object(text)).read();
    return commands.command(tool, request, options, acceptedNanos);
  }
}
