package dev.stoker.cache;

import dev.stoker.run.Captured;
import dev.stoker.run.Digest;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunRecord;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The blobs that a result names. */
final class Blobs {
  private Blobs() {}

  static Set<Digest> of(RunRecord run) {
    Set<Digest> digests = new HashSet<>();
    run.outputs().values().stream().map(OutputFile::blob).forEach(digests::add);
    addTo(digests, run.stdout());
    addTo(digests, run.stderr());
    return digests;
  }

  private static void addTo(Set<Digest> digests, Captured stream) {
    @Nullable Digest blob = stream.blob();
    if (blob != null) {
      digests.add(blob);
    }
  }
}
