package dev.stoker.output;

import dev.stoker.run.Captured;
import io.vertx.core.Future;
import java.nio.ByteBuffer;

/** One stream of one run. */
sealed interface Spool permits KeepSpool, PassSpool {
  /** Sets who is told that a paused stream has room; before the first append. */
  void onRoom(Runnable handler);

  RunOutput.Verdict append(ByteBuffer chunk);

  void end();

  Future<Captured> captured();

  OutputReader reader();

  /** No new reader comes; what the spool holds goes when the last one has gone. Idempotent. */
  void close();
}
