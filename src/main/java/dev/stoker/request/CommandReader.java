package dev.stoker.request;

import dev.stoker.blob.BlobStore;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.peer.Peers;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Command;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;

/** Reads checked commands from requests for runs. Confined to the exchange's context. */
public final class CommandReader {
  private final RunRequestReader reader;
  private final CommandFactory commands;

  /**
   * How much of a body is read.
   *
   * @param json of a JSON body, a form, or the fields of a multipart body
   * @param stdin of a body or a file part that is standard input
   */
  public record Limits(ByteSize json, ByteSize stdin) {}

  public CommandReader(BlobStore blobs, Peers peers, Limits limits) {
    this.reader = new RunRequestReader(blobs, limits);
    this.commands = new CommandFactory(blobs, peers);
  }

  /**
   * Reads the body and checks all that it says against the tool. Throws or fails with a {@link
   * ServiceException} (INVALID_REQUEST, INVALID_PARAMETERS, PAYLOAD_TOO_LARGE, BLOB_NOT_FOUND) or a
   * {@link Refusal} (400, 408, 415); what can be refused by the header is refused before the body.
   *
   * @param acceptedNanos of {@link System#nanoTime}, when the request came
   */
  public Future<Command> read(
      Exchange exchange, Tool tool, RunOptions options, long acceptedNanos) {
    return reader
        .read(exchange, tool)
        .compose(request -> exchange.here(commands.command(tool, request, options, acceptedNanos)));
  }
}
