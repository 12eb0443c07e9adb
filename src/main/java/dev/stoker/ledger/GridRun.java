package dev.stoker.ledger;

import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run as the cluster's map holds it: bytes of JSON. Immutable.
 *
 * @param home null for nobody's
 * @param command null once it has ended
 */
record GridRun(
    RunId id, @Nullable String home, long fence, byte[] record, byte @Nullable [] command) {
  static GridRun of(RunRow row) {
    return new GridRun(RunRow.id(row.id()), row.home(), row.fence(), row.record(), row.command());
  }

  static GridRun decode(byte[] bytes) {
    JsonObject json = new JsonObject(Buffer.buffer(bytes));
    return new GridRun(
        RunId.parse(json.getString("id")),
        json.getString("home"),
        json.getLong("fence"),
        json.getBinary("record"),
        json.getBinary("command"));
  }

  byte[] encode() {
    return new JsonObject()
        .put("id", id.toString())
        .put("home", home)
        .put("fence", fence)
        .put("record", record)
        .put("command", command)
        .toBuffer()
        .getBytes();
  }

  boolean hasEnded() {
    return command == null;
  }

  /** Whether a writer of this may put it in place of what is there. */
  boolean mayReplace(GridRun there, @Nullable String writer) {
    return fence > there.fence
        || (fence == there.fence && Objects.equals(there.home, writer) && !there.hasEnded());
  }

  /** Of two that a split has made of one run: the newer fence, then the end. */
  GridRun merged(GridRun other) {
    if (fence != other.fence) {
      return fence > other.fence ? this : other;
    }
    return other.hasEnded() && !hasEnded() ? other : this;
  }

  /** Of a run among the live ones and among the ended ones: the one that counts. */
  static Optional<GridRun> newest(byte @Nullable [] live, byte @Nullable [] ended) {
    if (live == null || ended == null) {
      return Optional.ofNullable(live == null ? ended : live).map(GridRun::decode);
    }
    return Optional.of(decode(live).merged(decode(ended)));
  }

  /** Whether this, the end of a run, is another's than a writer's: what it writes is too late. */
  boolean isEndBeyond(@Nullable String writer, long writersFence) {
    return fence > writersFence || (fence == writersFence && !Objects.equals(home, writer));
  }

  GridRun takenBy(@Nullable String taker) {
    return new GridRun(id, taker, fence + 1, record, command);
  }

  Ledger.Located located() {
    RunRecord run = RunRow.record(record);
    return new Ledger.Located(run, home == null || hasEnded() ? null : NodeId.parse(home));
  }
}
