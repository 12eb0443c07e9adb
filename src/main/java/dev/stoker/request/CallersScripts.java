package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.check.Script;
import dev.stoker.check.StaticCheck;
import dev.stoker.run.Digest;
import dev.stoker.run.Stdin;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Language;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The scripts of a request, on their way to the static check. Thread-safe. */
record CallersScripts(BlobStore blobs, StaticCheck check) {

  /**
   * As {@link StaticCheck#scripts}, of all that the tool wants checked.
   *
   * @param request whose blobs are here
   */
  Future<Void> check(ToolDefinition tool, RunRequest request) {
    List<Script> scripts = new ArrayList<>(0);
    if (tool.check() != null) {
      switch (request.stdin()) {
        case Stdin.None() -> {}
        case Stdin.Inline inline -> {
          byte[] bytes = inline.bytes();
          scripts.add(
              new Script("stdin", tool.check(), Digest.of(bytes), bytes.length, () -> bytes));
        }
        case Stdin.Blob(Digest digest) -> scripts.add(script("stdin", tool.check(), digest));
      }
    }
    new TreeMap<>(request.inputs())
        .forEach(
            (name, digest) -> {
              ToolDefinition.Input input = tool.inputs().get(name);
              if (input != null && input.check() != null) {
                scripts.add(script("inputs." + name, input.check(), digest));
              }
            });
    return check.scripts(tool, scripts);
  }

  private Script script(String field, Language language, Digest digest) {
    long bytes = blobs.find(digest).map(Blob::bytes).orElse(0L);
    return new Script(field, language, digest, bytes, () -> Files.readAllBytes(blobs.path(digest)));
  }
}
