package dev.stoker.executor;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How this node runs commands.
 *
 * @param slots commands that run at once on this node
 * @param workDirectory under which each run has a directory of its own while it lives
 * @param drain how long output is awaited from a process that outlives its run's main process
 * @param diskThreads threads for work directories, links and output files
 */
public record ExecutorSettings(int slots, Path workDirectory, Duration drain, int diskThreads) {}
