package dev.stoker.ledger;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the book is, and how much history it keeps.
 *
 * @param keepRuns ended runs kept at most
 * @param keepFor how long an ended run is kept
 * @param waitingMax writes that may wait for the disk; more are refused
 */
public record LedgerSettings(Path directory, int keepRuns, Duration keepFor, int waitingMax) {}
