package dev.stoker.process;

import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.run.StdStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one stream on a thread of its own. Thread-safe; its lock guards its fields. */
final class PortableOutput implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PortableOutput.class);
  private static final int BUFFER_BYTES = 64 << 10;

  private final PortableProcess process;
  private final StdStream stream;
  private final InputStream input;

  private boolean paused;
  private boolean ended;
  private boolean givenUp;

  PortableOutput(PortableProcess process, StdStream stream, InputStream input) {
    this.process = process;
    this.stream = stream;
    this.input = input;
  }

  @Override
  public void run() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (input) {
      for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
        if (!beginDelivery()) {
          return;
        }
        endDelivery(process.deliver(stream, ByteBuffer.wrap(buffer, 0, count)));
      }
    } catch (IOException e) {
      LOG.debug("{} ended early", stream.label(), e);
    } catch (InterruptedException e) {
      LOG.debug("{} is not read on, the runner is closed", stream.label(), e);
    } finally {
      end();
    }
  }

  synchronized void resume() {
    paused = false;
    notifyAll();
  }

  /** Whether it has come to its end; if not within {@code drain} of reading, it is given up. */
  synchronized boolean awaitEnd(Duration drain) throws InterruptedException {
    long leftNanos = drain.toNanos();
    while (!ended && leftNanos > 0) {
      long sinceNanos = System.nanoTime();
      TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
      leftNanos -= paused ? 0 : System.nanoTime() - sinceNanos;
    }
    givenUp = !ended;
    return ended;
  }

  /** Paused from before the call on, so that a resume that overtakes its return is not lost. */
  private synchronized boolean beginDelivery() {
    paused = !givenUp;
    return !givenUp;
  }

  private synchronized void endDelivery(Flow flow) throws InterruptedException {
    if (flow == Flow.CONTINUE) {
      paused = false;
    }
    while (paused) {
      wait();
    }
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }
}
