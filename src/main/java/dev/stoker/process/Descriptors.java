package dev.stoker.process;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The pipes of one process about to be started. Not thread-safe; used again for the next one. */
final class Descriptors {
  private static final int NONE = -1;

  private final Libc libc;
  private final MemoryFiles files;
  private int stdinRead;
  private int stdinWrite;
  private int stdoutRead;
  private int stdoutWrite;
  private int stderrRead;
  private int stderrWrite;
  private int gateRead;
  private int gateWrite;
  private @Nullable Enclosure enclosure;

  Descriptors(Libc libc, MemoryFiles files) {
    this.libc = libc;
    this.files = files;
    forget();
  }

  /** Opens what a spec needs; nothing stays open when that fails. */
  int open(ProcessSpec spec) {
    StdinSource stdin = spec.stdin();
    int error = openOutput();
    if (error == 0) {
      error = files.open(spec.inherited());
    }
    if (error == 0 && spec.limits().needsGate()) {
      error = openGate();
    }
    if (error == 0 && isPiped(stdin)) {
      error = libc.pipe();
      if (error == 0) {
        stdinRead = libc.readEnd();
        stdinWrite = libc.writeEnd();
        error = libc.setNonBlocking(stdinWrite);
      }
    }
    if (error < 0) {
      closeAll();
    }
    return error;
  }

  /** Opens a file as stdin, for a child that could not do so itself. */
  int openStdin(MemorySegment path) {
    int fd = libc.open(path);
    if (fd >= 0) {
      stdinRead = fd;
    }
    return Math.min(fd, 0);
  }

  /** -1 when the child is to open it. */
  int stdin() {
    return stdinRead;
  }

  int stdout() {
    return stdoutWrite;
  }

  int stderr() {
    return stderrWrite;
  }

  /** Lets the process go on that waits at its gate. */
  int openGate(MemorySegment lineBreak) {
    int written = libc.write(gateWrite, lineBreak, 1);
    gateWrite = close(gateWrite);
    return written;
  }

  /** What becomes 3, 4 and so on; the gate is the last. */
  int[] inherited() {
    int[] given = files.descriptors();
    if (gateRead == NONE) {
      return given;
    }
    int[] all = Arrays.copyOf(given, given.length + 1);
    all[given.length] = gateRead;
    return all;
  }

  /** What the child has by now. */
  void closeChildEnds() {
    int report = files.takeReport();
    enclosure = report < 0 ? enclosure : new Enclosure(report);
    files.closeAll();
    stdinRead = close(stdinRead);
    stdoutWrite = close(stdoutWrite);
    stderrWrite = close(stderrWrite);
    gateRead = close(gateRead);
  }

  void closeAll() {
    closeChildEnds();
    if (enclosure != null) {
      enclosure.close();
      enclosure = null;
    }
    stdinWrite = close(stdinWrite);
    stdoutRead = close(stdoutRead);
    stderrRead = close(stderrRead);
    gateWrite = close(gateWrite);
  }

  /** Gives away the ends that stay here. */
  ProcessTree handOver(Child child, ProcessTree.Root root, @Nullable InputPipe stdin) {
    ProcessTree tree = new ProcessTree(child, root, stdoutRead, stderrRead, stdin, enclosure);
    enclosure = null;
    forget();
    return tree;
  }

  /** Gives away the end that stdin is written to. */
  InputPipe takeStdin(byte[] bytes) {
    InputPipe pipe = new InputPipe(stdinWrite, bytes);
    stdinWrite = NONE;
    return pipe;
  }

  /** The same for what comes while the child runs. */
  InputPipe takeStdin(LiveInput more) {
    InputPipe pipe = new InputPipe(stdinWrite, more);
    stdinWrite = NONE;
    return pipe;
  }

  private static boolean isPiped(StdinSource stdin) {
    return switch (stdin) {
      case StdinSource.Bytes _, StdinSource.Live _ -> true;
      case StdinSource.Empty _, StdinSource.File _ -> false;
    };
  }

  private int openGate() {
    int error = libc.pipe();
    if (error < 0) {
      return error;
    }
    gateWrite = libc.writeEnd();
    gateRead = files.moveUp(libc.readEnd());
    return Math.min(gateRead, 0);
  }

  private int openOutput() {
    int error = libc.pipe();
    if (error == 0) {
      stdoutRead = libc.readEnd();
      stdoutWrite = libc.writeEnd();
      error = libc.pipe();
    }
    if (error == 0) {
      stderrRead = libc.readEnd();
      stderrWrite = libc.writeEnd();
      error = libc.setNonBlocking(stdoutRead);
    }
    return error == 0 ? libc.setNonBlocking(stderrRead) : error;
  }

  private int close(int fd) {
    if (fd != NONE) {
      libc.close(fd);
    }
    return NONE;
  }

  private void forget() {
    stdinRead = NONE;
    stdinWrite = NONE;
    stdoutRead = NONE;
    stdoutWrite = NONE;
    stderrRead = NONE;
    stderrWrite = NONE;
    gateRead = NONE;
    gateWrite = NONE;
  }
}
