package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.Command.IdempotencyKey;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.run.Violation;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.StdinMode;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes checked commands of requests. Thread-safe. */
final class CommandFactory {
  private final BlobStore blobs;

  CommandFactory(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * Checks a request against its tool.
   *
   * @throws ServiceException INVALID_PARAMETERS with one violation for each mistake, or
   *     BLOB_NOT_FOUND
   */
  Command command(Tool tool, RunRequest request, RunOptions options, long acceptedNanos) {
    ToolDefinition definition = tool.definition();
    List<Violation> violations = new ArrayList<>(0);
    JsonObject checked = check(tool, request.parameters(), violations);
    checkInputs(definition, request, violations);
    checkStdin(definition.stdin(), request.stdin(), violations);
    if (!violations.isEmpty()) {
      throw ServiceException.invalid(
          ErrorCode.INVALID_PARAMETERS, "the request is not what the tool allows", violations);
    }
    return new Command(
        RunId.next(),
        tool.name(),
        checked,
        request.inputs(),
        request.stdin(),
        Principal.ANONYMOUS,
        options.priority(),
        options.timeout(),
        acceptedNanos,
        Instant.now(),
        delivery(options),
        options.cacheControl(),
        key(options.idempotencyKey(), tool, checked, request));
  }

  private static Delivery delivery(RunOptions options) {
    if (options.preferences().detached()) {
      return Delivery.DETACHED;
    }
    return options.form() instanceof RunOptions.Form.Raw ? Delivery.STREAM : Delivery.WAIT;
  }

  private static JsonObject check(Tool tool, JsonObject parameters, List<Violation> violations) {
    try {
      return tool.check(parameters);
    } catch (ServiceException e) {
      if (e.violations().isEmpty()) {
        throw e;
      }
      violations.addAll(e.violations());
      return parameters;
    }
  }

  private void checkInputs(
      ToolDefinition definition, RunRequest request, List<Violation> violations) {
    TreeSet<String> known = new TreeSet<>(definition.inputs().keySet());
    for (String name : new TreeSet<>(request.inputs().keySet())) {
      if (!known.contains(name)) {
        String allowed = known.isEmpty() ? "none" : String.join(", ", known);
        violations.add(new Violation("inputs." + name, "is not known; allowed: " + allowed));
      }
    }
    for (String name : known) {
      ToolDefinition.Input input = definition.inputs().get(name);
      Digest digest = request.inputs().get(name);
      if (input != null && digest != null) {
        checkBlob("inputs." + name, digest, input.maxSize().bytes(), violations);
      } else if (input != null && input.required()) {
        violations.add(
            new Violation("inputs." + name, "is missing; allowed: a file part or a blob"));
      }
    }
    if (request.stdin() instanceof Stdin.Blob(Digest digest)) {
      checkBlob("stdin", digest, Long.MAX_VALUE, violations);
    }
  }

  private void checkBlob(String field, Digest digest, long max, List<Violation> violations) {
    Optional<Blob> blob = blobs.find(digest);
    if (blob.isEmpty()) {
      throw ServiceException.invalid(
          ErrorCode.BLOB_NOT_FOUND,
          "there is no blob " + digest,
          List.of(new Violation(field, "is not here; allowed: a blob that was uploaded before")));
    }
    if (blob.get().bytes() > max) {
      violations.add(
          new Violation(
              field, "has " + blob.get().bytes() + " bytes; allowed: at most " + max + " bytes"));
    }
  }

  private static void checkStdin(StdinMode mode, Stdin stdin, List<Violation> violations) {
    boolean given = !(stdin instanceof Stdin.None);
    switch (mode) {
      case NONE -> {
        if (given) {
          violations.add(new Violation("stdin", "is not read by this tool; allowed: none"));
        }
      }
      case REQUIRED -> {
        if (!given) {
          violations.add(
              new Violation("stdin", "is missing; allowed: the body, a file part or a blob"));
        }
      }
      case OPTIONAL -> {}
    }
  }

  private static @Nullable IdempotencyKey key(
      @Nullable String key, Tool tool, JsonObject checked, RunRequest request) {
    if (key == null) {
      return null;
    }
    TreeMap<String, String> inputs = new TreeMap<>();
    request.inputs().forEach((name, digest) -> inputs.put(name, digest.hex()));
    String stdin =
        switch (request.stdin()) {
          case Stdin.None() -> "";
          case Stdin.Inline inline -> Digest.of(inline.bytes()).hex();
          case Stdin.Blob(Digest digest) -> digest.hex();
        };
    JsonObject all =
        new JsonObject()
            .put("tool", tool.name())
            .put("params", Canonical.of(checked))
            .put("inputs", Canonical.of(inputs))
            .put("stdin", stdin);
    return new IdempotencyKey(key, Digest.of(all.toBuffer().getBytes()));
  }
}
