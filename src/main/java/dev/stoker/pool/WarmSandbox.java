package dev.stoker.pool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.stoker.process.LiveInput;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Digest;
import dev.stoker.run.StdStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that waits for one run.
 *
 * <pre>
 *   MAKING ──the shell waits──▶ READY ──▶ RESERVED ──▶ TAKEN ──▶ GONE
 *     ╰───── it died, or is not wanted any more ───────────────────▲
 * </pre>
 *
 * Thread-safe: its lock guards the state; nothing is called while it is held. What the process does
 * before it is taken is heard here, and by the run's listener afterwards.
 */
final class WarmSandbox implements ProcessListener {
  private static final int TEXT_BYTES_MAX = 1000;

  /** Who keeps it. Called by the process engine's threads. */
  interface Keeper {
    void ready(WarmSandbox sandbox);

    /** It died, or was ended, before a run had taken it; no process of it is left. */
    void gone(WarmSandbox sandbox);
  }

  private enum State {
    MAKING,
    READY,
    RESERVED,
    TAKEN,
    GONE
  }

  private final String tool;
  private final Digest definition;
  private final Digest files;
  private final Path cell;
  private final Keeper keeper;
  private final long madeNanos = System.nanoTime();
  private final LiveInput input = new LiveInput(Integer.MAX_VALUE, () -> {});
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  // Under the lock.
  private State state = State.MAKING;
  private boolean unwanted;
  private long pid;
  private @Nullable RunningProcess process;
  private @Nullable Runnable whenGone;
  private @Nullable ProcessEnd early;

  /** Set once, under the lock, by whoever takes it; read by the process engine's threads. */
  private volatile @Nullable ProcessListener run;

  WarmSandbox(String tool, Digest definition, Digest files, Path cell, Keeper keeper) {
    this.tool = tool;
    this.definition = definition;
    this.files = files;
    this.cell = cell;
    this.keeper = keeper;
  }

  String tool() {
    return tool;
  }

  Path cell() {
    return cell;
  }

  StdinSource input() {
    return new StdinSource.Live(input);
  }

  boolean isOf(Digest ofDefinition, Digest ofFiles) {
    return definition.equals(ofDefinition) && files.equals(ofFiles);
  }

  boolean isOlderThan(long nanos) {
    return System.nanoTime() - madeNanos > nanos;
  }

  /** How much memory it takes; zero where that cannot be told. Blocks. */
  long memoryBytes() {
    RunningProcess waiting;
    synchronized (this) {
      waiting = state == State.READY ? process : null;
    }
    return waiting == null ? 0 : waiting.memoryBytes();
  }

  /** What it said instead of waiting. */
  synchronized String said() {
    return said.toString(UTF_8).strip();
  }

  /** Whether somebody wanted its end: else it died by itself. */
  synchronized boolean isUnwanted() {
    return unwanted;
  }

  /** It was asked for. Once. */
  void startedAs(RunningProcess handle) {
    boolean end;
    synchronized (this) {
      process = handle;
      end = unwanted;
    }
    if (end) {
      handle.kill();
    }
  }

  /** Whether it is the caller's from now on. */
  synchronized boolean reserve() {
    // Its handle may be under way to here still.
    if (state != State.READY || unwanted || process == null) {
      return false;
    }
    state = State.RESERVED;
    return true;
  }

  /**
   * Has it become the spec's program.
   *
   * @return null when it has died
   */
  @Nullable RunningProcess take(ProcessSpec spec, ProcessListener listener) {
    RunningProcess handle;
    long number;
    synchronized (this) {
      if (state != State.RESERVED) {
        return null;
      }
      state = State.TAKEN;
      handle = process;
      number = pid;
    }
    // Before there can be any output: what the shell writes comes after its line.
    listener.onStarted(number);
    ProcessEnd ended;
    synchronized (this) {
      run = listener;
      ended = early;
    }
    if (ended != null) {
      listener.onEnded(ended);
      return handle;
    }
    input.offer(WarmShell.line(spec));
    if (spec.stdin() instanceof StdinSource.Bytes(var bytes)) {
      input.offer(bytes);
    }
    input.close();
    return handle;
  }

  /**
   * Ends it, unless a run has it.
   *
   * @param free called when none of its processes is left; at once if that is so already
   */
  void discard(Runnable free) {
    RunningProcess handle = null;
    boolean gone;
    synchronized (this) {
      gone = state == State.GONE;
      if (!gone && state != State.TAKEN) {
        unwanted = true;
        whenGone = free;
        handle = process;
      }
    }
    if (gone) {
      free.run();
    } else if (handle != null) {
      handle.kill();
    }
  }

  @Override
  public synchronized void onStarted(long started) {
    pid = started;
  }

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    ProcessListener taken = run;
    if (taken != null) {
      return taken.onOutput(stream, chunk);
    }
    boolean ready;
    synchronized (this) {
      byte first = chunk.get(chunk.position());
      ready = state == State.MAKING && stream == StdStream.STDOUT && first == WarmShell.READY;
      if (ready) {
        state = State.READY;
      } else {
        byte[] bytes = new byte[Math.min(chunk.remaining(), TEXT_BYTES_MAX - said.size())];
        chunk.get(bytes);
        said.writeBytes(bytes);
      }
    }
    if (ready) {
      keeper.ready(this);
    }
    return Flow.CONTINUE;
  }

  @Override
  public void onEnded(ProcessEnd end) {
    ProcessListener taken;
    Runnable free;
    boolean ofRun;
    synchronized (this) {
      ofRun = state == State.TAKEN;
      taken = run;
      free = whenGone;
      if (ofRun && taken == null) {
        // It is being taken this very moment: the run has still to hear of the start.
        early = end;
      }
      state = State.GONE;
    }
    if (ofRun) {
      if (taken != null) {
        taken.onEnded(end);
      }
      return;
    }
    input.close();
    keeper.gone(this);
    if (free != null) {
      free.run();
    }
  }

  @Override
  public void onStartFailed(StartFailure failure) {
    Runnable free;
    synchronized (this) {
      said.writeBytes(failure.reason().getBytes(UTF_8));
      free = whenGone;
      state = State.GONE;
    }
    keeper.gone(this);
    if (free != null) {
      free.run();
    }
  }
}
