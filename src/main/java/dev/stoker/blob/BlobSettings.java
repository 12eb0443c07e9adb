package dev.stoker.blob;

import dev.stoker.run.ByteSize;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where blobs are and how long.
 *
 * @param maxSize of all of them; unwanted ones go first, wanted ones are never removed
 * @param maxAge of an unwanted blob, since it was last used
 */
public record BlobSettings(Path directory, ByteSize maxSize, Duration maxAge) {}
