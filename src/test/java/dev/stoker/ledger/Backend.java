package dev.stoker.ledger;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The stores that a ledger may have. */
enum Backend {
  SQLITE,
  POSTGRES;

  /** A book that nobody has used. */
  LedgerSettings settings(Path directory, int keepRuns) {
    return settings(
        directory,
        keepRuns,
        switch (this) {
          case SQLITE -> null;
          case POSTGRES -> TestPostgres.shared().newDatabase();
        });
  }

  static LedgerSettings settings(Path directory, int keepRuns, @Nullable SharedStore store) {
    return new LedgerSettings(
        directory,
        keepRuns,
        LedgerFixture.KEEP_FOR,
        LedgerFixture.WAITING_MAX,
        LedgerSettings.WithoutStore.GO_ON,
        Duration.ofSeconds(3),
        store);
  }
}
