package dev.stoker.nemesis;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** A PostgreSQL that the nodes of a test share; it is where the thread that makes it is. */
final class Database implements AutoCloseable {
  static final String USER = "postgres";
  private static final Duration START_MAX = Duration.ofSeconds(60);

  private final EmbeddedPostgres postgres;
  private final String host;

  Database(String host) {
    this.host = host;
    try {
      this.postgres =
          EmbeddedPostgres.builder()
              .setServerConfig("listen_addresses", "*")
              .setServerConfig("max_connections", "100")
              // No test takes the machine's power away; disks are slow and shared.
              .setServerConfig("fsync", "off")
              .setDataDirectoryCustomizer(Database::letIn)
              .setPGStartupWait(START_MAX)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void letIn(File data) {
    try {
      Files.writeString(
          data.toPath().resolve("pg_hba.conf"),
          "host all all 0.0.0.0/0 trust\n",
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the nodes reach it. */
  String url() {
    return "jdbc:postgresql://" + host + ":" + postgres.getPort() + "/postgres";
  }

  Connection connect() throws SQLException {
    return postgres.getPostgresDatabase().getConnection();
  }

  @Override
  public void close() {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
