package dev.stoker.cache;

import dev.stoker.run.RunRecord;
import java.time.Instant;

/** A success that may be given again until {@code expiresAt}. Immutable. */
public record CachedResult(RunRecord run, Instant storedAt, Instant expiresAt) {}
