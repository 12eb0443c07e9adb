package dev.stoker.config;

import dev.stoker.audit.AuditSettings;
import dev.stoker.run.ByteSize;
import java.nio.file.Path;

/** The {@code audit:} section. Stateless. */
final class AuditSection {
  private static final ByteSize SIZE_MIN = ByteSize.parse("4KiB");
  private static final int KEEP_MAX = 10_000;
  private static final int WAITING_MAX = 1_000_000;

  private AuditSection() {}

  static AuditSettings settings(Path data, StokerFile.Audit audit) {
    if (audit.maxSize().bytes() < SIZE_MIN.bytes()) {
      throw new ConfigurationException(
          "audit.maxSize: " + audit.maxSize() + " is not allowed; allowed: from " + SIZE_MIN);
    }
    if (audit.sync().isNegative()) {
      throw new ConfigurationException("audit.sync: less than 0ms is not allowed");
    }
    if (audit.required() && !audit.enabled()) {
      throw new ConfigurationException(
          "audit.required: true is not allowed; allowed with audit.enabled: true");
    }
    return new AuditSettings(
        audit.enabled(),
        audit.file().isEmpty()
            ? data.resolve("audit").resolve("audit.jsonl")
            : Path.of(audit.file()).toAbsolutePath().normalize(),
        audit.maxSize(),
        Configuration.positive("audit.maxAge", audit.maxAge()),
        Configuration.within("audit.keep", audit.keep(), 1, KEEP_MAX),
        audit.sync(),
        Configuration.within("audit.waitingMax", audit.waitingMax(), 1, WAITING_MAX),
        audit.hits(),
        audit.required());
  }
}
