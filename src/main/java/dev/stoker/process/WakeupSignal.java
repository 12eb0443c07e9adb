package dev.stoker.process;

import static dev.stoker.process.NativeCalls.INT;
import static dev.stoker.process.NativeCalls.LONG;

import java.lang.invoke.MethodHandle;

/**
 * An eventfd. Thread-safe. It is watched edge-triggered and never read: its counter would need 2^64
 * wakeups to be full.
 */
record WakeupSignal(int fd) {
  private static final MethodHandle EVENTFD_WRITE =
      NativeCalls.plain("eventfd_write", NativeCalls.returnsInt(INT, LONG));

  void send() {
    try {
      int _ = (int) EVENTFD_WRITE.invokeExact(fd, 1L);
    } catch (Throwable e) {
      throw NativeCalls.broken(e);
    }
  }
}
