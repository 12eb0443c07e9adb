package dev.stoker.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The header fields that the collector wants with each export. The file of those that are secrets
 * is read anew each time, so that a key may be renewed. Confined to the thread that exports.
 */
final class CollectorHeaders {
  private static final Logger LOG = LoggerFactory.getLogger(CollectorHeaders.class);

  private final TraceSettings settings;
  private boolean unreadable;

  CollectorHeaders(TraceSettings settings) {
    this.settings = settings;
  }

  Map<String, String> read() {
    Path file = settings.headersFile();
    if (file == null) {
      return settings.headers();
    }
    Map<String, String> all = new HashMap<>(settings.headers());
    try {
      for (String line : Files.readAllLines(file)) {
        int colon = line.indexOf(':');
        if (colon > 0 && !line.startsWith("#")) {
          all.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
      }
      unreadable = false;
    } catch (IOException e) {
      if (!unreadable) {
        unreadable = true;
        LOG.warn("telemetry.traces.headersFile: {} cannot be read: {}", file, e.toString());
      }
    }
    return all;
  }
}
