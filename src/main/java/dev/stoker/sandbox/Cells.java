package dev.stoker.sandbox;

import java.io.IOException;
import java.nio.file.Path;

/** Empty private directories for runs. Thread-safe; both methods block. */
public interface Cells {
  /** A new one. */
  Path make() throws IOException;

  /** Takes one back, whatever is in it. */
  void recycle(Path cell);
}
