package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.peer.Peers;
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
import io.vertx.core.Future;
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
  private final Peers peers;
  private final CallersScripts scripts;

  CommandFactory(BlobStore blobs, Peers peers, CallersScripts scripts) {
    this.blobs = blobs;
    this.peers = peers;
    this.scripts = scripts;
  }

  /**
   * Checks a request against its tool, and brings blobs here that are on other nodes. Throws or
   * fails with INVALID_PARAMETERS with one violation for each mistake, with BLOB_NOT_FOUND, or with
   * STORAGE_FULL, or with what the static check of a script fails with. Complete at once, unless a
   * blob must be brought or a script be checked; then on any thread.
   */
  Future<Command> command(Tool tool, RunRequest request, RunOptions options, long acceptedNanos) {
    List<Violation> violations = new ArrayList<>(0);
    JsonObject checked = check(tool, request.parameters(), violations);
    checkInputs(tool.definition(), request, violations);
    checkStdin(tool.definition().stdin(), request.stdin(), violations);
    List<Reference> missing = new ArrayList<>(0);
    for (Reference reference : references(tool.definition(), request)) {
      blobs
          .find(reference.digest())
          .ifPresentOrElse(
              blob -> checkSize(reference, blob, violations), () -> missing.add(reference));
    }
    // Nothing is carried from node to node for a request that is refused anyway.
    refuse(violations);
    Future<Void> here = missing.isEmpty() ? Future.succeededFuture() : bring(missing);
    return here.compose(all -> scripts.check(tool.definition(), request))
        .map(harmless -> make(tool, checked, request, options, acceptedNanos));
  }

  private Future<Void> bring(List<Reference> missing) {
    List<Future<Optional<Blob>>> brought =
        missing.stream().map(reference -> peers.obtain(reference.digest(), null)).toList();
    return Future.all(brought)
        .map(
            all -> {
              List<Violation> violations = new ArrayList<>(0);
              for (int i = 0; i < missing.size(); i++) {
                Reference reference = missing.get(i);
                Optional<Blob> blob = brought.get(i).result();
                checkSize(reference, blob.orElseThrow(() -> notFound(reference)), violations);
              }
              refuse(violations);
              return null;
            });
  }

  /** A blob that a request names. */
  private record Reference(String field, Digest digest, long bytesMax) {}

  private static List<Reference> references(ToolDefinition definition, RunRequest request) {
    List<Reference> references = new ArrayList<>(0);
    for (String name : new TreeSet<>(request.inputs().keySet())) {
      ToolDefinition.Input input = definition.inputs().get(name);
      Digest digest = request.inputs().get(name);
      if (input != null && digest != null) {
        references.add(new Reference("inputs." + name, digest, input.maxSize().bytes()));
      }
    }
    if (request.stdin() instanceof Stdin.Blob(Digest digest)) {
      references.add(new Reference("stdin", digest, Long.MAX_VALUE));
    }
    return references;
  }

  private static void checkSize(Reference reference, Blob blob, List<Violation> violations) {
    if (blob.bytes() > reference.bytesMax()) {
      violations.add(
          new Violation(
              reference.field(),
              "has "
                  + blob.bytes()
                  + " bytes; allowed: at most "
                  + reference.bytesMax()
                  + " bytes"));
    }
  }

  private static ServiceException notFound(Reference reference) {
    return ServiceException.invalid(
        ErrorCode.BLOB_NOT_FOUND,
        "there is no blob " + reference.digest(),
        List.of(
            new Violation(
                reference.field(), "is not here; allowed: a blob that was uploaded before")));
  }

  private static void refuse(List<Violation> violations) {
    if (!violations.isEmpty()) {
      throw ServiceException.invalid(
          ErrorCode.INVALID_PARAMETERS, "the request is not what the tool allows", violations);
    }
  }

  private static Command make(
      Tool tool, JsonObject checked, RunRequest request, RunOptions options, long acceptedNanos) {
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
        key(options.idempotencyKey(), tool, checked, request),
        options.trace());
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

  private static void checkInputs(
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
      if (input != null && input.required() && !request.inputs().containsKey(name)) {
        violations.add(
            new Violation("inputs." + name, "is missing; allowed: a file part or a blob"));
      }
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
