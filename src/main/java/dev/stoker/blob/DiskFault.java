package dev.stoker.blob;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.io.IOException;

/** What a failure of the disk means to a caller. */
final class DiskFault {
  private DiskFault() {}

  static ServiceException explain(IOException fault) {
    String text = isFull(fault) ? "the disk is full" : "the content could not be stored";
    return new ServiceException(ErrorCode.INTERNAL, text + "; nothing of it was kept", fault);
  }

  /** Java has no type for ENOSPC and EDQUOT; their texts are the C library's. */
  private static boolean isFull(IOException fault) {
    String text = String.valueOf(fault.getMessage());
    return text.contains("No space left on device") || text.contains("Disk quota exceeded");
  }
}
