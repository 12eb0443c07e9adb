package dev.stoker.audit;

import dev.stoker.run.ByteSize;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where entries go, and what becomes of them. Immutable.
 *
 * @param maxSize of one file; all of them together have at most {@code keep + 1} times as much
 * @param maxAge of one file
 * @param keep how many full ones are kept
 * @param sync how often what was written is forced to the disk; zero after each write
 * @param waitingMax entries that wait for the writer; more are lost
 * @param hits whether results from the cache are told
 * @param required whether commands are refused while entries cannot be written
 */
public record AuditSettings(
    boolean enabled,
    Path file,
    ByteSize maxSize,
    Duration maxAge,
    int keep,
    Duration sync,
    int waitingMax,
    boolean hits,
    boolean required) {}
