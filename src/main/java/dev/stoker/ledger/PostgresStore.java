package dev.stoker.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The book in a PostgreSQL database that all nodes share. Thread-safe.
 *
 * <p>Nothing waits longer for the database than {@link #PATIENCE_SECONDS} a step, however it is
 * down: it refuses, is silent, or a lock is held. What the operator's URL says otherwise counts.
 */
final class PostgresStore implements Database {
  static final int PATIENCE_SECONDS = 2;

  private static final Duration SIGN_IN_EVERY = Duration.ofSeconds(1);
  private static final int MIGRATION_SECONDS = 60;
  private static final long POOL_WAIT_MILLIS = 2000;
  private static final long VALIDATION_MILLIS = 1000;
  private static final String ROWS_AT_ONCE = "200";

  private final SharedStore shared;
  private final Dialect dialect;
  private final HikariDataSource readers;

  private PostgresStore(SharedStore shared, Dialect dialect) {
    this.shared = shared;
    this.dialect = dialect;
    this.readers = new HikariDataSource(pool(shared));
  }

  /**
   * Brings the schema to the newest version; of several nodes that start at once one does.
   *
   * @throws IOException for the operator, naming the database
   */
  static PostgresStore open(SharedStore shared, Duration lease) throws IOException {
    PGSimpleDataSource migrating = new PGSimpleDataSource();
    try {
      migrating.setURL(shared.url());
      migrating.setConnectTimeout(PATIENCE_SECONDS);
      migrating.setSocketTimeout(MIGRATION_SECONDS);
      if (!shared.user().isEmpty()) {
        migrating.setUser(shared.user());
        migrating.setPassword(shared.password());
      }
      Flyway.configure()
          .dataSource(migrating)
          .locations("classpath:db/postgresql")
          .load()
          .migrate();
    } catch (FlywayException | IllegalArgumentException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "the ledger " + shared.address() + " cannot be opened: " + cause.getMessage(), e);
    }
    return new PostgresStore(shared, new PostgresDialect(lease));
  }

  private static Properties properties(SharedStore shared) {
    Properties properties = new Properties();
    properties.setProperty("ApplicationName", "stoker");
    properties.setProperty("connectTimeout", Integer.toString(PATIENCE_SECONDS));
    properties.setProperty("socketTimeout", Integer.toString(PATIENCE_SECONDS));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("defaultRowFetchSize", ROWS_AT_ONCE);
    // A node that stops in the middle of a commit must not hold the others up.
    properties.setProperty("options", "-c idle_in_transaction_session_timeout=2000");
    if (!shared.user().isEmpty()) {
      properties.setProperty("user", shared.user());
      properties.setProperty("password", shared.password());
    }
    return properties;
  }

  private static HikariConfig pool(SharedStore shared) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("stoker-ledger");
    config.setJdbcUrl(shared.url());
    config.setDataSourceProperties(properties(shared));
    config.setMaximumPoolSize(shared.connections());
    config.setMinimumIdle(1);
    config.setConnectionTimeout(POOL_WAIT_MILLIS);
    config.setValidationTimeout(VALIDATION_MILLIS);
    // It may be down now: it was there a moment ago.
    config.setInitializationFailTimeout(-1);
    config.setReadOnly(true);
    // Rows come in portions only within a transaction.
    config.setAutoCommit(false);
    return config;
  }

  @Override
  public RunWriter writer() throws SQLException {
    return RunWriter.open(DriverManager.getConnection(shared.url(), properties(shared)), dialect);
  }

  @Override
  public <T> T ask(Question<T> question) throws SQLException {
    try (RunReader reader = new RunReader(readers.getConnection(), dialect)) {
      return question.ask(reader);
    }
  }

  @Override
  public Duration signInEvery() {
    return SIGN_IN_EVERY;
  }

  @Override
  public int readers() {
    return shared.connections();
  }

  @Override
  public String name() {
    return shared.address();
  }

  @Override
  public IOException explain(SQLException e) {
    return new IOException("the ledger " + name() + " cannot be used: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    readers.close();
  }
}
