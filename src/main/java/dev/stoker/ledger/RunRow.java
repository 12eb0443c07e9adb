package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run as its row holds it. Immutable; nobody changes the arrays.
 *
 * @param finishedAtMillis null while unfinished
 * @param command null once it has ended
 * @param blobs null when it refers to none
 * @param writer who writes it
 * @param home whose it then is; null for nobody's
 * @param isFirst whether it may not be in the table
 * @param isDurable whether it outlives who asked for it
 */
record RunRow(
    byte[] id,
    String tool,
    String principal,
    String state,
    @Nullable Long finishedAtMillis,
    byte[] record,
    byte @Nullable [] command,
    @Nullable String key,
    byte @Nullable [] fingerprint,
    byte @Nullable [] blobs,
    String writer,
    @Nullable String home,
    long fence,
    boolean isFirst,
    boolean isDurable) {
  private static final int ID_BYTES = 16;

  static RunRow of(WriteQueue.Write write, String writer) {
    Command command = write.command();
    RunRecord run = write.record();
    boolean ended = run.state().isTerminal();
    Instant finishedAt = run.finishedAt() == null ? run.submittedAt() : run.finishedAt();
    Command.IdempotencyKey key = command.idempotencyKey();
    return new RunRow(
        bytes(run.id()),
        run.tool(),
        run.principal().name(),
        run.state().label(),
        ended ? finishedAt.toEpochMilli() : null,
        RunJson.text(run).getBytes(),
        ended ? null : CommandJson.encode(command).toBuffer().getBytes(),
        key == null ? null : key.key(),
        key == null ? null : bytes(key.fingerprint()),
        bytes(BlobReferences.of(command, run)),
        writer,
        write.isLeaving() ? null : writer,
        write.run().fence,
        write.isFirst(),
        write.run().durable);
  }

  static RunRecord record(byte[] json) {
    return RunJson.decode(new JsonObject(Buffer.buffer(json)));
  }

  static Command command(byte[] json) {
    return CommandJson.decode(new JsonObject(Buffer.buffer(json)), System.nanoTime());
  }

  /** The key that a command came with. */
  static Optional<Key> keyOf(byte[] json) {
    Command command = command(json);
    Command.IdempotencyKey key = command.idempotencyKey();
    return key == null
        ? Optional.empty()
        : Optional.of(
            new Key(new KeyName(command.principal(), command.tool(), key), key.fingerprint()));
  }

  /** A key and what it stands for. */
  record Key(KeyName name, Digest fingerprint) {}

  static byte[] bytes(RunId id) {
    return ByteBuffer.allocate(ID_BYTES)
        .putLong(id.value().getMostSignificantBits())
        .putLong(id.value().getLeastSignificantBits())
        .array();
  }

  static RunId id(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new RunId(new UUID(buffer.getLong(), buffer.getLong()));
  }

  static byte[] bytes(Digest digest) {
    return HexFormat.of().parseHex(digest.hex());
  }

  static Digest digest(byte[] bytes) {
    return new Digest(HexFormat.of().formatHex(bytes));
  }

  private static byte @Nullable [] bytes(List<Digest> digests) {
    if (digests.isEmpty()) {
      return null;
    }
    ByteBuffer all = ByteBuffer.allocate(digests.size() * BlobReferences.DIGEST_BYTES);
    digests.forEach(digest -> all.put(bytes(digest)));
    return all.array();
  }
}
