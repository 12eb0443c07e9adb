package dev.stoker.ledger;

import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;

/** Removes ended runs, a few hundred a step. Confined to the writer's thread. */
final class Retention implements GroupCommit.Chore {
  private static final int STEP_ROWS = 500;

  private final LedgerSettings settings;
  private final long endedBeforeMillis;
  private final Promise<Integer> result;
  private int removed;

  /**
   * @param result told on the writer's thread
   */
  Retention(LedgerSettings settings, Instant now, Promise<Integer> result) {
    this.settings = settings;
    this.endedBeforeMillis = now.minus(settings.keepFor()).toEpochMilli();
    this.result = result;
  }

  @Override
  public boolean step(RunWriter writer) throws SQLException {
    int now = writer.removeOld(firstIdOf(endedBeforeMillis), endedBeforeMillis, STEP_ROWS);
    if (now == 0) {
      int tooMany = writer.countEnded() - settings.keepRuns();
      now = tooMany > 0 ? writer.removeOldest(Math.min(tooMany, STEP_ROWS)) : 0;
    }
    removed += now;
    if (now == 0) {
      writer.forgetNodes();
      result.complete(removed);
    }
    return now > 0;
  }

  /** UUIDv7 begins with 48 bits of milliseconds. */
  private static byte[] firstIdOf(long millis) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(millis << Short.SIZE).putLong(0).array();
  }

  @Override
  public void failed(Exception why) {
    result.tryFail(Readers.unavailable("old runs could not be removed"));
  }
}
