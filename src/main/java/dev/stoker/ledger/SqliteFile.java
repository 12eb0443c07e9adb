package dev.stoker.ledger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The book in a file of this node's own: locked, migrated, and opened. Thread-safe. */
final class SqliteFile implements Database {
  /** The newest migration; {@code PRAGMA user_version} says which one the file has. */
  static final int NEWEST_VERSION = 2;

  private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);
  // Nobody else looks.
  private static final Duration SIGN_IN_EVERY = Duration.ofDays(1);
  private static final int READERS = 2;
  private static final int BUSY_MILLIS_MAX = 1000;
  private static final int CACHE_KIBIBYTES = 8192;
  private static final int WAL_BYTES_KEPT = 16 << 20;

  private final Path file;
  private final FileChannel lock;
  // As many as ever asked at once.
  private final Queue<RunReader> idle = new ConcurrentLinkedQueue<>();

  private SqliteFile(Path file, FileChannel lock) {
    this.file = file;
    this.lock = lock;
  }

  /**
   * Makes the file where it is missing and brings it to the newest version.
   *
   * @throws IOException for the operator, naming the file
   */
  static SqliteFile open(Path directory) throws IOException {
    Path file = directory.resolve("ledger.db");
    FileChannel lock;
    try {
      Files.createDirectories(directory);
      lock =
          FileChannel.open(
              directory.resolve("ledger.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException("the ledger " + file + " cannot be written: " + e, e);
    }
    SqliteFile opened = new SqliteFile(file, lock);
    try {
      opened.takeLock();
      opened.migrate();
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private void takeLock() throws IOException {
    boolean taken;
    try {
      taken = lock.tryLock() != null;
    } catch (OverlappingFileLockException sameProcess) {
      taken = false;
    }
    if (!taken) {
      throw new IOException("the ledger " + file + " is in use by another process; stop it first");
    }
  }

  private void migrate() throws IOException {
    try (Connection connection = writing();
        Statement statement = connection.createStatement()) {
      int version;
      try (ResultSet result = statement.executeQuery("PRAGMA user_version")) {
        version = result.getInt(1);
      }
      if (version > NEWEST_VERSION) {
        throw new IOException(
            "the ledger %s has version %d, which is newer than %d; it needs a newer Stoker"
                .formatted(file, version, NEWEST_VERSION));
      }
      // Flyway takes a third of a second to find out that there is nothing to do.
      if (version < NEWEST_VERSION) {
        Flyway.configure()
            .dataSource(url(), null, null)
            .locations("classpath:db/migration")
            .load()
            .migrate();
      }
    } catch (SQLException e) {
      throw explain(e);
    } catch (FlywayException e) {
      throw new IOException("the ledger " + file + " cannot be migrated: " + e.getMessage(), e);
    }
  }

  private String url() {
    return "jdbc:sqlite:" + file;
  }

  @Override
  public RunWriter writer() throws SQLException {
    return RunWriter.open(writing(), new SqliteDialect());
  }

  /** A connection that writes; a commit returns when it is on the disk. */
  private Connection writing() throws SQLException {
    SQLiteConfig config = config();
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setJournalSizeLimit(WAL_BYTES_KEPT);
    return config.createConnection(url());
  }

  @Override
  public <T> T ask(Question<T> question) throws SQLException {
    RunReader free = idle.poll();
    RunReader reader = free == null ? reader() : free;
    try {
      return question.ask(reader);
    } finally {
      idle.add(reader);
    }
  }

  private RunReader reader() throws SQLException {
    Connection connection = config().createConnection(url());
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA query_only = ON");
      return new RunReader(connection, new SqliteDialect());
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setBusyTimeout(BUSY_MILLIS_MAX);
    config.setCacheSize(-CACHE_KIBIBYTES);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    return config;
  }

  @Override
  public IOException explain(SQLException e) {
    SQLiteErrorCode code =
        e instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
    String what =
        switch (code) {
          case SQLITE_NOTADB, SQLITE_CORRUPT ->
              "is damaged, or not a ledger; restore it from a copy or move it away";
          case SQLITE_FULL -> "cannot be written: the disk is full";
          case SQLITE_BUSY, SQLITE_LOCKED -> "is locked by another process";
          default -> "cannot be used: " + e.getMessage();
        };
    return new IOException("the ledger " + file + " " + what, e);
  }

  @Override
  public Duration signInEvery() {
    return SIGN_IN_EVERY;
  }

  @Override
  public int readers() {
    return READERS;
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public void close() {
    for (RunReader reader = idle.poll(); reader != null; reader = idle.poll()) {
      try {
        reader.close();
      } catch (SQLException e) {
        LOG.warn("a connection to the ledger could not be closed", e);
      }
    }
    try {
      lock.close();
    } catch (IOException e) {
      LOG.debug("the ledger's lock could not be closed", e);
    }
  }
}
