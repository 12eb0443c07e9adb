package dev.stoker.blob;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.io.IOException;
import java.time.Duration;

/** What a failure of the disk means to a caller. */
final class DiskFault {
  private static final Duration RETRY = Duration.ofMinutes(1);

  private DiskFault() {}

  static ServiceException explain(IOException fault) {
    return isFull(fault)
        ? ServiceException.retryable(
            ErrorCode.STORAGE_FULL, "the disk is full; nothing of it was kept", RETRY)
        : new ServiceException(
            ErrorCode.INTERNAL, "the content could not be stored; nothing of it was kept", fault);
  }

  /** Java has no type for ENOSPC and EDQUOT; their texts are the C library's. */
  private static boolean isFull(IOException fault) {
    String text = String.valueOf(fault.getMessage());
    return text.contains("No space left on device") || text.contains("Disk quota exceeded");
  }
}
