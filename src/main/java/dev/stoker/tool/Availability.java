package dev.stoker.tool;

import java.nio.file.Path;

/** Whether a tool can run on this node. Immutable. */
public sealed interface Availability {
  /** It can; its program is this file. */
  record Available(Path executable) implements Availability {}

  /** It cannot; the reason is for whoever reads {@code /v1/tools}. */
  record Unavailable(String reason) implements Availability {}
}
