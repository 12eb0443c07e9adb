package dev.stoker.process;

import dev.stoker.run.Exit;
import dev.stoker.run.Usage;
import org.jspecify.annotations.Nullable;

/**
 * How a process and its tree went. Immutable.
 *
 * @param exit of the main process
 * @param usage of the main process and what it waited for; null where the platform cannot tell
 * @param strays how many other processes of the tree had to be killed
 * @param stdoutCut whether a stray still held stdout when it was given up
 */
public record ProcessEnd(
    Exit exit, @Nullable Usage usage, int strays, boolean stdoutCut, boolean stderrCut) {}
