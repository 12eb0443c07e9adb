package dev.stoker.ledger;

import dev.stoker.run.Captured;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Stdin;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Which blobs runs refer to: an unfinished one to what it reads, an ended one to what it made.
 *
 * <p>A set keeps eight bytes of each digest, so that a hundred thousand runs cost a megabyte. It
 * may say yes to a blob that nobody refers to, once in 2⁴⁰ or so; it never says no to one that
 * somebody does. Not thread-safe until {@link #toPredicate}.
 */
final class BlobReferences {
  static final int DIGEST_BYTES = 32;
  private static final int HEX_DIGITS = 16;

  private final LongStream.Builder beginnings = LongStream.builder();

  static List<Digest> of(Command command, RunRecord run) {
    List<Digest> digests = new ArrayList<>();
    Stream.of(run.stdout(), run.stderr())
        .map(Captured::blob)
        .filter(Objects::nonNull)
        .forEach(digests::add);
    run.outputs().values().stream().map(OutputFile::blob).forEach(digests::add);
    if (!run.state().isTerminal()) {
      digests.addAll(command.inputs().values());
      if (command.stdin() instanceof Stdin.Blob(Digest stdin)) {
        digests.add(stdin);
      }
    }
    return digests;
  }

  void add(Digest digest) {
    beginnings.add(beginning(digest));
  }

  /** Adds digests of 32 bytes each. */
  void addAll(byte[] digests) {
    ByteBuffer all = ByteBuffer.wrap(digests);
    for (int at = 0; at < digests.length; at += DIGEST_BYTES) {
      beginnings.add(all.getLong(at));
    }
  }

  Predicate<Digest> toPredicate() {
    long[] sorted = beginnings.build().sorted().toArray();
    return digest -> java.util.Arrays.binarySearch(sorted, beginning(digest)) >= 0;
  }

  private static long beginning(Digest digest) {
    return HexFormat.fromHexDigitsToLong(digest.hex(), 0, HEX_DIGITS);
  }
}
