package dev.stoker.blob;

import dev.stoker.run.Digest;

/** A stored content and its size. Immutable. */
public record Blob(Digest digest, long bytes) {}
