package dev.stoker.cache;

import dev.stoker.run.OutputFile;
import dev.stoker.run.RunRecord;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How much heap a result takes, on the safe side. */
final class Weight {
  /** Record, key, cache node, instants, digests: what every result has. */
  static final int FIXED_BYTES = 1024;

  private static final int OUTPUT_BYTES = 256;
  private static final int LATIN1_MAX = 0xFF;

  private Weight() {}

  static long of(CacheKey key, RunRecord run) {
    long weight = FIXED_BYTES + bytes(key.tool()) + bytes(run.reason()) + bytes(run.node());
    weight += bytes(run.stdout().text()) + bytes(run.stdout().base64());
    weight += bytes(run.stderr().text()) + bytes(run.stderr().base64());
    for (Map.Entry<String, OutputFile> output : run.outputs().entrySet()) {
      weight += OUTPUT_BYTES + bytes(output.getKey()) + bytes(output.getValue().mediaType());
    }
    return weight;
  }

  /** The JVM keeps a text in one byte a character where all of them fit, else in two. */
  private static long bytes(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > LATIN1_MAX) {
        return 2L * text.length();
      }
    }
    return text.length();
  }
}
