package dev.stoker.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The header fields that the collector wants with each export. The file of those that are secrets
 * is read anew each time, so that a key may be renewed. Confined to the thread that exports.
 */
final class CollectorHeaders {
  private static final Logger LOG = LoggerFactory.getLogger(CollectorHeaders.class);

  /** What a field may be: RFC 9110, 5.1 and 5.5. */
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");

  /** The connection's, which the client sets itself and refuses to be told. */
  private static final Set<String> RESERVED =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  private final TraceSettings settings;
  private final Map<String, String> fixed = new HashMap<>();
  private List<Integer> linesLeftOut = List.of();
  private boolean unreadable;

  CollectorHeaders(TraceSettings settings) {
    this.settings = settings;
    settings
        .headers()
        .forEach(
            (name, value) -> {
              if (isField(name, value)) {
                fixed.put(name, value);
              } else {
                // Not the value, nor a name that may be part of one: a secret, maybe.
                LOG.warn(
                    "the environment's header {} for the collector is no header field; it is left"
                        + " out",
                    NAME.matcher(name).matches() ? name : "(no name)");
              }
            });
  }

  private static boolean isField(String name, String value) {
    return NAME.matcher(name).matches()
        && VALUE.matcher(value).matches()
        && !RESERVED.contains(name.toLowerCase(Locale.ROOT));
  }

  Map<String, String> read() {
    Path file = settings.headersFile();
    if (file == null) {
      return fixed;
    }
    Map<String, String> all = new HashMap<>(fixed);
    try {
      read(file, Files.readAllLines(file), all);
      unreadable = false;
    } catch (IOException e) {
      if (!unreadable) {
        unreadable = true;
        LOG.warn("telemetry.traces.headersFile: {} cannot be read: {}", file, e.toString());
      }
    }
    return all;
  }

  private void read(Path file, List<String> lines, Map<String, String> all) {
    List<Integer> leftOut = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith("#")) {
        String name = line.substring(0, colon).strip();
        String value = line.substring(colon + 1).strip();
        if (isField(name, value)) {
          all.put(name, value);
        } else {
          leftOut.add(i + 1);
        }
      }
    }
    if (!leftOut.isEmpty() && !leftOut.equals(linesLeftOut)) {
      LOG.warn(
          "telemetry.traces.headersFile: {}: no header field, and left out: line {}",
          file,
          leftOut);
    }
    linesLeftOut = leftOut;
  }
}
