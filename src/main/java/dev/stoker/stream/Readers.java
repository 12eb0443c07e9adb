package dev.stoker.stream;

import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.run.Captured;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import java.util.Optional;

/** Readers of what runs write, on whichever node they run or ran. Thread-safe. */
record Readers(Outputs outputs, Peers peers) {
  /** A reader of a run that is under way here or elsewhere; to be closed. */
  Optional<OutputReader> live(RunRecord run, StdStream stream) {
    Optional<OutputReader> here = outputs.live(run.id(), stream);
    String node = run.node();
    return here.isPresent() || node == null ? here : peers.output(node, run.id(), stream);
  }

  /**
   * A reader of what a record holds of a stream, brought here if it is on another node; to be
   * closed. Fails with BLOB_NOT_FOUND when no node has it. Completes at once where nothing must be
   * brought, else on any thread.
   */
  Future<OutputReader> kept(RunRecord run, StdStream stream) {
    Captured captured =
        switch (stream) {
          case STDOUT -> run.stdout();
          case STDERR -> run.stderr();
        };
    Digest blob = captured.blob();
    Future<?> here = blob == null ? Future.succeededFuture() : peers.obtain(blob, run.node());
    return here.map(brought -> outputs.kept(run, stream));
  }

  /**
   * Whether a live reader has come to its end before its stream has: its node has gone, or has
   * ended the run and forgotten it. The record has the rest, or another attempt.
   */
  static boolean isLost(Throwable failure) {
    return failure instanceof ServiceException e && e.code() == ErrorCode.OUTPUT_NOT_FOUND;
  }
}
