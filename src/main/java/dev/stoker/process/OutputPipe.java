package dev.stoker.process;

import dev.stoker.run.StdStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One stream that a process tree writes, from its first byte to its end. Confined to the loop's
 * thread.
 *
 * <pre>
 *           PAUSE              end of file, or given up
 *   OPEN ───────────▶ PAUSED      OPEN ─────────▶ ENDED
 *        ◀───────────
 *           resume
 * </pre>
 *
 * A paused stream is not read, so the writer blocks when its pipe is full. It cannot end before it
 * is resumed, because what is in the pipe must still be delivered.
 */
final class OutputPipe {
  /** A chatty stream lets the others have a turn after this many full buffers. */
  private static final int READS_PER_TURN = 4;

  private enum State {
    OPEN,
    PAUSED,
    ENDED
  }

  private final ProcessTree tree;
  private final StdStream stream;
  private final int fd;
  private final MemorySegment buffer;
  private final ByteBuffer chunk;

  private State state = State.OPEN;
  private boolean cut;
  // Once the tree is dead: how long the end may still be awaited, and since when it is.
  private boolean treeDead;
  private long drainLeftNanos;
  private long drainSinceNanos;
  private Timers.@Nullable Timer drain;

  OutputPipe(ProcessTree tree, StdStream stream, int fd) {
    this.tree = tree;
    this.stream = stream;
    this.fd = fd;
    buffer = tree.loop().buffer();
    chunk = buffer.asByteBuffer();
  }

  int fd() {
    return fd;
  }

  boolean ended() {
    return state == State.ENDED;
  }

  /** Whether it was given up while somebody still held its other end. */
  boolean cut() {
    return cut;
  }

  /** Reads what there is, until nothing is left for now or others should have a turn. */
  void read() {
    for (int reads = 0; state == State.OPEN; reads++) {
      if (reads == READS_PER_TURN) {
        tree.loop().readAgain(this);
        return;
      }
      // Until there is nothing, not until a short read: a writer in packet mode makes those.
      int count = tree.loop().libc().read(fd, buffer);
      if (count == -Errno.EAGAIN) {
        return;
      }
      if (count <= 0) {
        end();
      } else if (tree.deliver(stream, chunk.clear().limit(count)) == ProcessListener.Flow.PAUSE) {
        pause();
      }
    }
  }

  void resume() {
    if (state == State.PAUSED) {
      state = State.OPEN;
      awaitEnd();
      read();
    }
  }

  /** Nobody of the tree lives: takes what is left, and waits for the end for a while at most. */
  void treeDied(long drainNanos) {
    treeDead = true;
    drainLeftNanos = drainNanos;
    read();
    if (state == State.OPEN) {
      awaitEnd();
    }
  }

  /** Ends it, whoever may still write. */
  void giveUp() {
    if (state != State.ENDED) {
      cut = true;
      end();
    }
  }

  private void pause() {
    state = State.PAUSED;
    if (drain != null) {
      drain.cancel();
      drain = null;
      drainLeftNanos -= System.nanoTime() - drainSinceNanos;
    }
  }

  private void awaitEnd() {
    if (treeDead && drain == null) {
      drainSinceNanos = System.nanoTime();
      drain = tree.loop().schedule(Math.max(0, drainLeftNanos), this::giveUp);
    }
  }

  private void end() {
    state = State.ENDED;
    if (drain != null) {
      drain.cancel();
    }
    tree.loop().libc().close(fd);
    tree.onStreamEnded();
  }
}
