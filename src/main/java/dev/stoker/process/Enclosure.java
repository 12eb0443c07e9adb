package dev.stoker.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Signals;
import dev.stoker.run.Usage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is inside of a bubblewrap that is a tree's main process: its init, which is the first
 * process of a namespace of its own, leads a session of its own ({@code --new-session}) and dies
 * with bubblewrap ({@code --die-with-parent}); below it the program. Thread-safe by its own lock:
 * the loop of another runner asks, too, whose an orphan is.
 *
 * <p>Bubblewrap does not wait for its init, which so becomes this JVM's child.
 */
final class Enclosure {
  private static final int REPORT_BYTES = 4096;
  private static final Pattern INIT = Pattern.compile("\"child-pid\": (\\d+)");
  private static final Pattern EXIT_CODE = Pattern.compile("\"exit-code\": (\\d+)");
  private static final int SIGNALLED = 128;
  private static final int SIGNAL_MAX = 64;
  private static final int NONE = -1;

  private final Libc libc = new Libc(Arena.ofAuto());
  private int report;
  private int init;
  private int initFd = NONE;
  private boolean gone;
  private @Nullable Usage usage;

  /** Owns the report's descriptor. */
  Enclosure(int report) {
    this.report = report;
  }

  /** Its init as this system numbers it; 0 before there is one, and after it has been reaped. */
  synchronized int init() {
    if (init == 0 && !gone) {
      init = number(INIT, 0);
    }
    return init;
  }

  /**
   * Has the program inside and its group end themselves.
   *
   * @return false when there is no program yet: then again, soon
   */
  synchronized boolean terminate() {
    // An init without a child has not forked the program yet, and a signal would be lost on it.
    if (init() == 0 || ProcFs.children(init).isEmpty()) {
      return false;
    }
    boolean sent = libc.kill(-init, Libc.SIGTERM) == 0;
    libc.kill(-init, Libc.SIGCONT);
    return sent;
  }

  /** Opens what tells of init's death; negative when there is no init left. */
  synchronized int openInit() {
    if (initFd == NONE && init() != 0) {
      initFd = libc.pidfdOpen(init);
    }
    return initFd;
  }

  /**
   * Kills its init and reaps it. Only after bubblewrap itself has gone.
   *
   * @return whether no process of it is left
   */
  synchronized boolean sweep() {
    if (init() == 0) {
      return true;
    }
    libc.kill(init, Libc.SIGKILL);
    int reaped = libc.reap(init);
    if (reaped == 0) {
      return false;
    }
    if (reaped == init) {
      usage = libc.reaped().usage();
    }
    // Its number may be another's from now on.
    gone = true;
    init = 0;
    return true;
  }

  /** What the program was, given what bubblewrap's own end was. */
  Exit exit(Exit own) {
    return own instanceof Exit.Code(int code) && isSignal(code)
        ? Signals.byNumber(code - SIGNALLED)
        : own;
  }

  /** Of everything inside and of bubblewrap itself. */
  synchronized Usage usage(Usage own) {
    Usage inside = usage;
    return inside == null
        ? own
        : new Usage(own.cpuMillis() + inside.cpuMillis(), inside.memoryPeakBytes());
  }

  /** Whether what is inside was counted: it has not been mixed with this JVM's memory. */
  synchronized boolean counted() {
    return usage != null;
  }

  /** That the program was never started, if that is so. */
  synchronized @Nullable Outcome failure(Exit own) {
    return own instanceof Exit.Code && number(EXIT_CODE, NONE) == NONE
        ? new Outcome.SandboxFailed("its sandbox could not be made; stderr has bubblewrap's words")
        : null;
  }

  /** Idempotent. */
  synchronized void close() {
    if (report != NONE) {
      libc.close(report);
      report = NONE;
    }
    if (initFd >= 0) {
      libc.close(initFd);
      initFd = NONE;
    }
  }

  private static boolean isSignal(int code) {
    return code > SIGNALLED && code <= SIGNALLED + SIGNAL_MAX;
  }

  /** Nobody but bubblewrap writes the report: what runs inside does not inherit it. */
  private int number(Pattern what, int otherwise) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(REPORT_BYTES);
      int bytes = report == NONE ? 0 : libc.readAt(report, text, 0);
      if (bytes <= 0) {
        return otherwise;
      }
      Matcher matcher =
          what.matcher(new String(text.asSlice(0, bytes).toArray(JAVA_BYTE), US_ASCII));
      return matcher.find() ? Integer.parseInt(matcher.group(1)) : otherwise;
    }
  }
}
