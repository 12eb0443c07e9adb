package dev.stoker.cache;

import dev.stoker.run.CacheUse;
import dev.stoker.run.Captured;
import dev.stoker.run.Digest;
import dev.stoker.run.OutputFile;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Results as runs leave them. */
final class Results {
  private Results() {}

  static RunRecord success(String tool, String stdout, Instant submittedAt) {
    return new RunRecord(
        RunId.next(),
        tool,
        Principal.ANONYMOUS,
        RunState.SUCCEEDED,
        null,
        null,
        new Captured(stdout, null, stdout.length(), false, null),
        Captured.EMPTY,
        Map.of(),
        submittedAt,
        submittedAt,
        submittedAt,
        1,
        "node",
        null,
        CacheUse.MISS);
  }

  static RunRecord withBlobs(RunRecord run, Digest output, Digest out, Digest err) {
    return new RunRecord(
        run.id(),
        run.tool(),
        run.principal(),
        run.state(),
        run.exit(),
        run.reason(),
        new Captured("x", null, 9, true, out),
        new Captured("y", null, 9, true, err),
        Map.of("avi", new OutputFile(output, 3, "video/x-msvideo")),
        run.submittedAt(),
        run.startedAt(),
        run.finishedAt(),
        run.attempt(),
        run.node(),
        run.usage(),
        run.cache());
  }

  static CacheKey key(String tool, int number) {
    return new CacheKey(tool, digest(tool + number));
  }

  static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
