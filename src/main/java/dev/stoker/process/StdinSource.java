package dev.stoker.process;

import java.nio.file.Path;

/** Where a process's standard input comes from. Immutable. */
public sealed interface StdinSource {
  /** End of file at once. */
  record Empty() implements StdinSource {}

  /** These bytes, through a pipe, then end of file. The array is not changed by anyone. */
  record Bytes(byte[] bytes) implements StdinSource {}

  /** This file, opened read-only as descriptor 0. */
  record File(Path path) implements StdinSource {}

  /** What is offered while the process runs, through a pipe. */
  record Live(LiveInput input) implements StdinSource {}
}
