package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** How much memory a process and its descendants have. Stateless. */
final class ResidentSize {
  /** The kernel counts in pages, of this size on x86-64 and on most of aarch64. */
  private static final long PAGE_BYTES = 4096;

  private ResidentSize() {}

  /** What is resident, in bytes; what cannot be seen counts as none. Reads {@code /proc}. */
  static long of(long pid) {
    try (Stream<ProcessHandle> below =
        ProcessHandle.of(pid).map(ProcessHandle::descendants).orElse(Stream.of())) {
      return LongStream.concat(LongStream.of(pid), below.mapToLong(ProcessHandle::pid))
          .map(ResidentSize::ofOne)
          .sum();
    }
  }

  private static long ofOne(long pid) {
    try {
      String[] pages = Files.readString(Path.of("/proc/" + pid + "/statm"), US_ASCII).split(" ", 3);
      return Long.parseLong(pages[1]) * PAGE_BYTES;
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return 0;
    }
  }
}
