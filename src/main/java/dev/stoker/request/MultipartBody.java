package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.blob.BlobUpload;
import dev.stoker.exchange.Exchange;
import dev.stoker.request.CommandReader.Limits;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.run.Violation;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.StdinMode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A form: fields are parameters, file parts are inputs by name, a part {@code stdin} is standard
 * input if no input has that name. Each file goes into a blob as it comes. One use.
 */
final class MultipartBody {
  private static final String STDIN = "stdin";
  private static final Pattern BOUNDARY =
      Pattern.compile(
          ";\\s*boundary=(?:\"([^\"]{1,70})\"|([^\";,\\s]{1,70}))", Pattern.CASE_INSENSITIVE);

  /** What a decoder writes where bytes are not UTF-8. */
  private static final char REPLACEMENT = '\ufffd';

  /** How long after the body's end a part may take to end; it is a matter of microseconds. */
  private static final long PART_END_MILLIS = 1000;

  private final Exchange exchange;
  private final Tool tool;
  private final BlobStore blobs;
  private final Limits limits;
  private final BodyReader reader;
  private final Map<String, Future<Blob>> files = new LinkedHashMap<>();
  private final List<BlobUpload> uploads = new ArrayList<>();
  private final List<Promise<Void>> open = new ArrayList<>();
  private long fileBytes;
  private long bytes;

  MultipartBody(Exchange exchange, Tool tool, BlobStore blobs, Limits limits) {
    this.exchange = exchange;
    this.tool = tool;
    this.blobs = blobs;
    this.limits = limits;
    this.reader = new BodyReader(exchange);
  }

  Future<RunRequest> read() {
    HttpServerRequest request = exchange.request();
    Matcher boundary = BOUNDARY.matcher(String.valueOf(exchange.header("Content-Type")));
    if (!boundary.find()) {
      throw refused(
          "header Content-Type", "has no boundary; allowed: multipart/form-data with one");
    }
    String token = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
    ClosingBoundary end = new ClosingBoundary(token);
    request.setExpectMultipart(true);
    request.uploadHandler(this::onFile);
    return reader
        .read(
            chunk -> {
              bytes += chunk.length();
              end.take(chunk);
              if (bytes - fileBytes > limits.json().bytes()) {
                reader.fail(BodyReader.tooLarge("the fields of the body", limits.json().bytes()));
              }
            })
        .compose(
            read -> {
              // The decoder takes a body that breaks off for one that is whole.
              if (!end.seen()) {
                throw breaksOff();
              }
              bound();
              return Future.all(List.copyOf(files.values()));
            })
        .map(stored -> request(request.formAttributes()))
        .onFailure(e -> uploads.forEach(BlobUpload::abort));
  }

  /** What the decoder does not end with the body it never ends. */
  private void bound() {
    if (open.stream().anyMatch(part -> !part.future().isComplete())) {
      exchange.timer(PART_END_MILLIS, () -> open.forEach(part -> part.tryFail(breaksOff())));
    }
  }

  private static ServiceException breaksOff() {
    return refused("body", "breaks off before its closing boundary");
  }

  private void onFile(HttpServerFileUpload part) {
    String name = part.name();
    try {
      if (files.containsKey(name)) {
        throw refused(name, "is given twice; allowed: once");
      }
      store(part, name, blobs.upload(name, max(name)));
    } catch (ServiceException e) {
      reader.fail(e);
    }
  }

  private void store(HttpServerFileUpload part, String name, BlobUpload upload) {
    uploads.add(upload);
    Promise<Void> received = Promise.promise();
    open.add(received);
    BlobSink sink = new BlobSink(upload, reader);
    part.handler(
        chunk -> {
          fileBytes += chunk.length();
          sink.write(chunk);
        });
    part.exceptionHandler(received::tryFail);
    part.endHandler(end -> received.tryComplete());
    files.put(name, received.future().compose(end -> sink.finish()));
  }

  private ByteSize max(String name) {
    ToolDefinition definition = tool.definition();
    ToolDefinition.Input input = definition.inputs().get(name);
    if (input != null) {
      return input.maxSize();
    }
    if (STDIN.equals(name) && definition.stdin() != StdinMode.NONE) {
      return limits.stdin();
    }
    TreeSet<String> allowed = new TreeSet<>(definition.inputs().keySet());
    if (definition.stdin() != StdinMode.NONE) {
      allowed.add(STDIN);
    }
    throw refused(
        "inputs." + name,
        "is not known; allowed: " + (allowed.isEmpty() ? "none" : String.join(", ", allowed)));
  }

  private RunRequest request(MultiMap attributes) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    attributes.names().forEach(name -> fields.put(name, attributes.getAll(name)));
    fields.forEach(MultipartBody::refuseWhatIsNotUtf8);
    Stdin stdin = new Stdin.None();
    boolean takesStdin =
        tool.definition().stdin() != StdinMode.NONE
            && !tool.definition().inputs().containsKey(STDIN);
    List<String> text = takesStdin ? fields.remove(STDIN) : null;
    if (text != null) {
      if (text.size() > 1 || files.containsKey(STDIN)) {
        throw refused(STDIN, "is given twice; allowed: once");
      }
      byte[] given = text.getFirst().getBytes(StandardCharsets.UTF_8);
      if (given.length > Stdin.INLINE_BYTES_MAX) {
        throw refused(STDIN, "is too large for a field; allowed: a file part");
      }
      stdin = new Stdin.Inline(given);
    }
    Map<String, Digest> inputs = new HashMap<>();
    files.forEach((name, file) -> inputs.put(name, file.result().digest()));
    Digest file = takesStdin ? inputs.remove(STDIN) : null;
    return new RunRequest(tool.coerce(fields), inputs, file == null ? stdin : new Stdin.Blob(file));
  }

  /** The decoder does not tell: a caller's own U+FFFD, which means as much, is refused too. */
  private static void refuseWhatIsNotUtf8(String name, List<String> values) {
    if (name.indexOf(REPLACEMENT) >= 0
        || values.stream().anyMatch(value -> value.indexOf(REPLACEMENT) >= 0)) {
      throw refused(name, "is not UTF-8; allowed: text in UTF-8 without U+FFFD");
    }
  }

  private static ServiceException refused(String field, String message) {
    return ServiceException.invalid(
        ErrorCode.INVALID_REQUEST,
        "the form is not what the tool allows",
        List.of(new Violation(field, message)));
  }
}
