package dev.stoker.audit;

import dev.stoker.run.ByteSize;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Audit logs of the tests, and what is in them. */
public final class AuditFixture {
  private AuditFixture() {}

  /** One that keeps everything, in a file of a directory. */
  public static AuditSettings settings(Path directory) {
    return new AuditSettings(
        true,
        directory.resolve("audit.jsonl"),
        ByteSize.parse("1MiB"),
        Duration.ofDays(1),
        3,
        Duration.ofSeconds(1),
        1000,
        false,
        false);
  }

  /** The same, which refuses what it cannot tell of, or tells of hits. */
  public static AuditSettings strict(AuditSettings like, boolean hits, boolean required) {
    return new AuditSettings(
        true,
        like.file(),
        like.maxSize(),
        like.maxAge(),
        like.keep(),
        like.sync(),
        like.waitingMax(),
        hits,
        required);
  }

  /** What a file has, each line by itself. */
  public static List<JsonObject> entries(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(JsonObject::new).toList()
        : List.of();
  }
}
