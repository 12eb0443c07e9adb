package dev.stoker.ledger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL of the tests' own. */
final class TestPostgres implements AutoCloseable {
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static @Nullable TestPostgres shared;

  private final Path data;
  private EmbeddedPostgres server;

  TestPostgres(Path data) throws IOException {
    this.data = data;
    this.server = start(0);
  }

  /** One for all tests of a JVM; ends with it. */
  static synchronized TestPostgres shared() {
    try {
      if (shared == null) {
        Path data = Files.createTempDirectory("stoker-postgres");
        shared = new TestPostgres(data);
      }
      return shared;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EmbeddedPostgres start(int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPort(port)
        // Its own defaults are for tests that kill nothing.
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setPGStartupWait(Duration.ofSeconds(30))
        .start();
  }

  SharedStore newDatabase() {
    String name = "stoker" + DATABASES.incrementAndGet();
    execute("CREATE DATABASE " + name);
    return new SharedStore(server.getJdbcUrl("postgres", name), "", "", 4);
  }

  void execute(String sql) {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Kills it and all its backends at once. */
  void kill() throws Exception {
    List<ProcessHandle> all = processes();
    signal("KILL", all);
    for (ProcessHandle process : all) {
      process.onExit().get(10, TimeUnit.SECONDS);
    }
  }

  /** Starts it again where it was. */
  void restart() throws IOException {
    int port = server.getPort();
    // It cannot stop what is dead, but lets go of the directory.
    server.close();
    server = start(port);
  }

  void pause() throws Exception {
    signal("STOP", processes());
  }

  void resume() throws Exception {
    signal("CONT", processes());
  }

  private List<ProcessHandle> processes() throws IOException {
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    List<ProcessHandle> all = new ArrayList<>(List.of(postmaster));
    postmaster.descendants().forEach(all::add);
    return all;
  }

  private static void signal(String name, List<ProcessHandle> processes) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
