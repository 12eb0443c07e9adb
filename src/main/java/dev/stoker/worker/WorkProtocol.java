package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/**
 * Bazel's worker protocol in its JSON form: one {@code WorkRequest} or {@code WorkResponse} a line,
 * the names of {@code worker_protocol.proto} in camel case, every field optional. Stateless.
 *
 * <p>{@code sandboxDir} is the protocol's own field: the directory, relative to the worker's, that
 * paths of a request are relative to. Unknown fields are passed over. See
 * https://bazel.build/remote/creating
 */
final class WorkProtocol {
  /** The one request of a worker that works one after the other. */
  static final int SINGLE = 0;

  private static final int SHOWN_CHARS = 100;
  private static final int DEPTH_MAX = 50;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH_MAX)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private WorkProtocol() {}

  /** The line that asks for work, with its end. */
  static byte[] request(
      int id, List<String> arguments, List<String> inputs, String sandboxDirectory) {
    ObjectNode request = JSON.createObjectNode();
    arguments.forEach(request.putArray("arguments")::add);
    var files = request.putArray("inputs");
    inputs.forEach(path -> files.addObject().put("path", path));
    return line(request.put("requestId", id).put("sandboxDir", sandboxDirectory));
  }

  /** The line that asks for a request to be broken off. */
  static byte[] cancel(int id) {
    return line(JSON.createObjectNode().put("requestId", id).put("cancel", true));
  }

  /** Reads a line, without its end. */
  static WorkReply reply(byte[] line) {
    JsonNode json;
    try {
      json = JSON.readTree(line);
    } catch (IOException e) {
      return broken("is not JSON", line);
    }
    if (!json.isObject()) {
      return broken("is not a JSON object", line);
    }
    JsonNode id = json.path("requestId");
    JsonNode exitCode = json.path("exitCode");
    JsonNode output = json.path("output");
    JsonNode cancelled = json.path("wasCancelled");
    if (!isInt(id) || !isInt(exitCode)) {
      return broken("has a requestId or an exitCode that is no 32-bit number", line);
    }
    if (!isAbsent(output) && !output.isTextual()) {
      return broken("has an output that is no text", line);
    }
    if (!isAbsent(cancelled) && !cancelled.isBoolean()) {
      return broken("has a wasCancelled that is neither true nor false", line);
    }
    return cancelled.asBoolean()
        ? new WorkReply.Cancelled(id.asInt())
        : new WorkReply.Answer(id.asInt(), exitCode.asInt(), output.asText(""));
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static boolean isInt(JsonNode node) {
    return isAbsent(node) || (node.isIntegralNumber() && node.canConvertToInt());
  }

  private static WorkReply.Broken broken(String how, byte[] line) {
    return new WorkReply.Broken(
        "broke the protocol: a line on its standard output " + how, shown(line));
  }

  /** The beginning of a line, fit for a record. */
  private static String shown(byte[] line) {
    String text = new String(line, 0, Math.min(line.length, SHOWN_CHARS), UTF_8);
    String dots = line.length > SHOWN_CHARS ? "…" : "";
    return "'" + Printable.text(text) + dots + "'";
  }

  private static byte[] line(ObjectNode json) {
    try {
      byte[] text = JSON.writeValueAsBytes(json);
      byte[] line = java.util.Arrays.copyOf(text, text.length + 1);
      line[text.length] = '\n';
      return line;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }
}
