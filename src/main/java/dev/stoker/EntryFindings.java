package dev.stoker;

import dev.stoker.check.Finding;
import dev.stoker.check.Finding.Severity;
import dev.stoker.check.StaticCheck;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log what the static check finds in the catalog: at the start and after each change,
 * each finding once. Notes are for {@code bin/stoker tools check}. Thread-safe.
 */
final class EntryFindings {
  private static final Logger LOG = LoggerFactory.getLogger(EntryFindings.class);

  private final Catalog catalog;
  private final StaticCheck check;
  private Set<Finding> told = Set.of();

  EntryFindings(Catalog catalog, StaticCheck check) {
    this.catalog = catalog;
    this.check = check;
  }

  void begin(Vertx vertx) {
    look(vertx);
    catalog.onChange(() -> look(vertx));
  }

  /** Scripts are analysed by processes: not on the thread that serves or watches. */
  private void look(Vertx vertx) {
    vertx
        .executeBlocking(
            () -> {
              tell();
              return null;
            })
        .onFailure(e -> LOG.error("the catalog could not be checked", e));
  }

  private synchronized void tell() {
    Set<Finding> found = new HashSet<>();
    for (Tool tool : catalog.tools()) {
      for (Finding finding : check.entry(tool.definition())) {
        if (finding.severity().reaches(Severity.WARNING)) {
          found.add(finding);
          if (!told.contains(finding)) {
            LOG.warn("catalog: {}", finding);
          }
        }
      }
    }
    told = found;
  }
}
