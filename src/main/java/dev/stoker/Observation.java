package dev.stoker;

import dev.stoker.audit.Action;
import dev.stoker.audit.Audit;
import dev.stoker.audit.AuditEntry;
import dev.stoker.audit.AuditSettings;
import dev.stoker.config.Settings;
import dev.stoker.run.Origin;
import dev.stoker.run.Principal;
import dev.stoker.telemetry.Metrics;
import dev.stoker.telemetry.Metrics.About;
import dev.stoker.tool.Catalog;
import dev.stoker.trace.Tracing;
import java.io.IOException;

/**
 * By what a node is watched: its numbers, its spans, and who asked for what. Opened before all that
 * tells them something, and so closed after it.
 */
record Observation(Metrics metrics, Tracing tracing, Audit audit) {

  /**
   * Opens them; the steps close them.
   *
   * @throws StartupException when the audit log cannot be written
   */
  static Observation open(Settings settings, Steps steps) {
    Metrics metrics = steps.closeLater(Metrics.open());
    Tracing tracing =
        steps.closeLater(Tracing.open(settings.traces(), settings.node(), Version.text()));
    count(tracing, metrics);
    Audit audit = steps.closeLater(open(settings.audit(), settings.node()));
    metrics.count(
        new About("audit.lost", "Entries of the audit log that could not be written"),
        audit,
        Audit::lost);
    metrics.count(
        new About("audit.late", "Answers that waited for an audit entry, and were given before it"),
        audit,
        Audit::late);
    return new Observation(metrics, tracing, audit);
  }

  /** Has the audit log told what happens here without a caller. */
  void tell(Catalog catalog, Steps steps) {
    record(Action.STARTED, "");
    steps.closeLater(() -> record(Action.STOPPED, ""));
    catalog.onChange(
        () ->
            record(
                Action.CATALOG,
                "generation %d: %d tools, %d problems"
                    .formatted(
                        catalog.generation(), catalog.tools().size(), catalog.problems().size())));
  }

  private void record(Action action, String detail) {
    AuditEntry entry = AuditEntry.of(action, Principal.SYSTEM, Origin.SYSTEM);
    audit.record(detail.isEmpty() ? entry : entry.detail(detail));
  }

  private static Audit open(AuditSettings own, String node) {
    try {
      return Audit.open(own, node);
    } catch (IOException e) {
      throw new StartupException(
          "audit.file: cannot write %s: %s".formatted(own.file(), e.getMessage()), e);
    }
  }

  private static void count(Tracing tracing, Metrics metrics) {
    metrics.count(
        new About("spans.exported", "Spans that the collector has taken"),
        tracing,
        spans -> spans.counts().exported());
    metrics.count(
        new About("spans.dropped", "Spans that found the queue full, or were left at the end"),
        tracing,
        spans -> spans.counts().dropped());
    metrics.count(
        new About("spans.failed", "Spans that the collector did not take"),
        tracing,
        spans -> spans.counts().failed());
  }
}
