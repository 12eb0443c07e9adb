package dev.stoker.worker;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.StartFailure;
import dev.stoker.run.StdStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hears a worker's process on the process engine's threads, cuts what it writes into replies and
 * hands all over to the thread that owns the worker.
 */
final class WorkerStreams implements ProcessListener {
  /** Replies that wait to be read, before the worker is not read on. */
  private static final long UNREAD_BYTES_MAX = 1 << 20;

  private final Worker worker;
  private final WorkerThreads threads;
  private final WorkerLog log;
  private final Lines lines;
  private final int lineBytesMax;
  private final AtomicLong unreadBytes = new AtomicLong();

  /** Owned by the process engine's thread. */
  private boolean broken;

  WorkerStreams(Worker worker, WorkerThreads threads, WorkerLog log, int lineBytesMax) {
    this.worker = worker;
    this.threads = threads;
    this.log = log;
    this.lineBytesMax = lineBytesMax;
    this.lines = new Lines(lineBytesMax);
  }

  @Override
  public void onStarted(long pid) {
    threads.post(() -> worker.started(pid));
  }

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    if (stream == StdStream.STDERR) {
      String text = log.add(chunk);
      if (!text.isEmpty()) {
        threads.post(() -> log.log(text));
      }
      return Flow.CONTINUE;
    }
    if (!broken && !lines.add(chunk, this::hand)) {
      broken = true;
      String why =
          "broke the protocol: it wrote blank lines, or a line of more than %d bytes, to its standard output"
              .formatted(lineBytesMax);
      threads.post(() -> worker.replied(new WorkReply.Broken(why, "")));
    }
    return unreadBytes.get() > UNREAD_BYTES_MAX ? Flow.PAUSE : Flow.CONTINUE;
  }

  @Override
  public void onEnded(ProcessEnd end) {
    boolean cut = !broken && lines.hasBegun();
    threads.post(() -> worker.ended(end, cut));
  }

  @Override
  public void onStartFailed(StartFailure failure) {
    threads.post(() -> worker.startFailed(failure));
  }

  private void hand(byte[] line) {
    unreadBytes.addAndGet(line.length);
    threads.post(
        () -> {
          worker.replied(WorkProtocol.reply(line));
          long left = unreadBytes.addAndGet(-line.length);
          if (left <= UNREAD_BYTES_MAX && left + line.length > UNREAD_BYTES_MAX) {
            worker.readOn();
          }
        });
  }
}
