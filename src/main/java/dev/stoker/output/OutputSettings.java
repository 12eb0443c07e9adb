package dev.stoker.output;

import dev.stoker.run.ByteSize;
import java.nio.file.Path;

/**
 * How output is kept.
 *
 * @param directory for the files of streams that outgrow memory
 * @param memory of one stream: what fits is never written to disk, and is carried in the run's
 *     record
 * @param window of a stream that is passed through: how far the process may be ahead of its reader
 */
public record OutputSettings(Path directory, ByteSize memory, ByteSize window) {}
