package dev.stoker.config;

import dev.stoker.ledger.LedgerSettings;
import dev.stoker.ledger.LedgerSettings.WithoutStore;
import dev.stoker.ledger.SharedStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The {@code ledger:} section, and what the environment says in its place. Stateless. */
final class LedgerSection {
  private static final String URL_PREFIX = "jdbc:postgresql:";
  private static final Duration LEASE_MIN = Duration.ofMillis(1500);

  private LedgerSection() {}

  /**
   * @param environment gives a variable's value, or null
   */
  static LedgerSettings settings(
      Path directory, StokerFile.Ledger file, Function<String, @Nullable String> environment) {
    return new LedgerSettings(
        directory,
        Configuration.within("ledger.keepRuns", file.keepRuns(), 0, Integer.MAX_VALUE),
        file.keepFor(),
        Configuration.within("ledger.waitingMax", file.waitingMax(), 1, 1_000_000),
        file.syncWithoutStore() ? WithoutStore.GO_ON : WithoutStore.REFUSE,
        lease(file.lease()),
        shared(file, environment));
  }

  /** Nodes sign in once a second: a shorter lease would end for want of luck. */
  private static Duration lease(Duration lease) {
    if (lease.compareTo(LEASE_MIN) < 0) {
      throw new ConfigurationException(
          "ledger.lease: " + lease.toMillis() + "ms is not allowed; allowed: from 1500ms");
    }
    return lease;
  }

  private static @Nullable SharedStore shared(
      StokerFile.Ledger file, Function<String, @Nullable String> environment) {
    String url = or(environment.apply("STOKER_LEDGER_URL"), file.url());
    if (url.isEmpty()) {
      return null;
    }
    if (!url.startsWith(URL_PREFIX)) {
      // Not the value: a password may be in it.
      throw new ConfigurationException(
          "ledger.url is not allowed; allowed: " + URL_PREFIX + "//host/database, or empty");
    }
    return new SharedStore(
        url,
        or(environment.apply("STOKER_LEDGER_USER"), file.user()),
        or(environment.apply("STOKER_LEDGER_PASSWORD"), file.password()),
        Configuration.within("ledger.connections", file.connections(), 1, 100));
  }

  private static String or(@Nullable String first, String second) {
    return Objects.requireNonNullElse(first, second);
  }
}
