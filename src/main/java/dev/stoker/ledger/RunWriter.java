package dev.stoker.ledger;

import dev.stoker.run.RunId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the tables. Confined to the thread that uses it. */
final class RunWriter implements AutoCloseable {
  // Whichever of its unique columns is taken: nothing else of the transaction may fail for it.
  private static final String INSERT =
      """
      INSERT INTO run (id, tool, principal, state, finished_at, record, command,
                       key, fingerprint, blobs, home, fence, durable)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """;

  // An ended run stays as it is, and so does one that is another's; key and tool never change.
  // A lower fence is in the file of a node that lost the run and took it over again.
  private static final String UPDATE =
      """
      UPDATE run
      SET state = ?, finished_at = ?, record = ?, command = ?, blobs = ?, home = ?
      WHERE id = ? AND finished_at IS NULL AND (fence = ? AND home = ? OR fence < ?)
      """;
  private static final String WHOSE = "SELECT home, fence, finished_at FROM run WHERE id = ?";

  // Rows in one order everywhere, or two nodes that write the same ones wait for each other.
  private static final Comparator<RunRow> ORDER =
      Comparator.comparing(RunRow::isFirst)
          .thenComparing(RunRow::key, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(RunRow::tool)
          .thenComparing(RunRow::principal)
          .thenComparing(RunRow::id, Arrays::compareUnsigned);

  private static final String REMOVE_UNHEARD =
      "DELETE FROM run WHERE id = ? AND home = ? AND fence = 1 AND finished_at IS NULL";
  private static final String RELEASE =
      "UPDATE run SET home = NULL WHERE id = ? AND home = ? AND finished_at IS NULL";
  private static final String OF_HOME =
      "SELECT id, fence, key FROM run WHERE home = ? AND finished_at IS NULL";

  // Counting is dear and needs no precision: what is unfinished is little.
  private static final String COUNT_ENDED =
      "SELECT (SELECT count(*) FROM run) - (SELECT count(*) FROM run WHERE finished_at IS NULL)";

  private final Connection connection;
  private final Dialect dialect;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  /** Closes the connection when it is closed, or cannot be used. */
  static RunWriter open(Connection connection, Dialect dialect) throws SQLException {
    try {
      connection.setAutoCommit(false);
      return new RunWriter(connection, dialect);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private RunWriter(Connection connection, Dialect dialect) {
    this.connection = connection;
    this.dialect = dialect;
  }

  /** Something done in one transaction. */
  @FunctionalInterface
  private interface Work<T> {
    T run() throws SQLException;
  }

  private <T> T inTransaction(Work<T> work) throws SQLException {
    try {
      T result = work.run();
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.rollback();
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /**
   * Writes each that its writer may write; when it returns they are on the disk. When it fails, all
   * or none are.
   *
   * @return in the order of the rows; none is {@link Fate.Failed}
   */
  List<Fate> write(List<RunRow> rows) throws SQLException {
    List<RunRow> ordered = rows.stream().sorted(ORDER).toList();
    return inTransaction(
        () -> {
          Map<RunRow, Fate> fates = HashMap.newHashMap(rows.size());
          update(ordered.stream().filter(row -> !row.isFirst()).toList(), fates);
          insert(ordered.stream().filter(RunRow::isFirst).toList(), fates);
          return rows.stream().map(row -> Objects.requireNonNull(fates.get(row))).toList();
        });
  }

  private void update(List<RunRow> rows, Map<RunRow, Fate> fates) throws SQLException {
    PreparedStatement update = statement(UPDATE);
    for (RunRow row : rows) {
      bindUpdate(update, row);
      update.addBatch();
    }
    int[] counts = rows.isEmpty() ? new int[0] : update.executeBatch();
    for (int i = 0; i < counts.length; i++) {
      fates.put(rows.get(i), counts[i] > 0 ? new Fate.Written() : whyNotUpdated(rows.get(i)));
    }
  }

  private void insert(List<RunRow> rows, Map<RunRow, Fate> fates) throws SQLException {
    PreparedStatement insert = statement(INSERT);
    for (RunRow row : rows) {
      bindInsert(insert, row);
      insert.addBatch();
    }
    int[] counts = rows.isEmpty() ? new int[0] : insert.executeBatch();
    for (int i = 0; i < counts.length; i++) {
      fates.put(rows.get(i), counts[i] > 0 ? new Fate.Written() : whyNotInserted(rows.get(i)));
    }
  }

  /** It is no longer ours; or a commit that seemed to fail did not. */
  private Fate whyNotUpdated(RunRow row) throws SQLException {
    PreparedStatement whose = statement(WHOSE);
    whose.setBytes(1, row.id());
    try (ResultSet found = whose.executeQuery()) {
      return found.next()
              && Objects.equals(found.getString(1), row.home())
              && found.getLong(2) == row.fence()
          ? new Fate.Written()
          : new Fate.Fenced();
    }
  }

  private Fate whyNotInserted(RunRow row) throws SQLException {
    PreparedStatement update = statement(UPDATE);
    bindUpdate(update, row);
    if (update.executeUpdate() > 0) {
      return new Fate.Written();
    }
    PreparedStatement whose = statement(WHOSE);
    whose.setBytes(1, row.id());
    try (ResultSet found = whose.executeQuery()) {
      if (found.next()) {
        return whyNotUpdated(row);
      }
    }
    if (row.key() == null) {
      throw new SQLException("a run is neither new nor known");
    }
    KeyName key = new KeyName(row.principal(), row.tool(), row.key());
    return RunReader.findByKey(statement(RunReader.FIND_BY_KEY), dialect, key)
        .<Fate>map(Fate.KeyTaken::new)
        .orElseThrow(() -> new SQLException("a key was free again at the same moment"));
  }

  private void bindInsert(PreparedStatement insert, RunRow row) throws SQLException {
    insert.setBytes(1, row.id());
    insert.setString(2, row.tool());
    insert.setString(3, row.principal());
    insert.setString(4, row.state());
    setLong(insert, 5, row.finishedAtMillis());
    insert.setBytes(6, row.record());
    insert.setBytes(7, row.command());
    dialect.bindKey(insert, 8, row.key());
    insert.setBytes(9, row.fingerprint());
    insert.setBytes(10, row.blobs());
    insert.setString(11, row.home());
    insert.setLong(12, row.fence());
    insert.setBoolean(13, row.isDurable());
  }

  private static void bindUpdate(PreparedStatement update, RunRow row) throws SQLException {
    update.setString(1, row.state());
    setLong(update, 2, row.finishedAtMillis());
    update.setBytes(3, row.record());
    update.setBytes(4, row.command());
    update.setBytes(5, row.blobs());
    update.setString(6, row.home());
    update.setBytes(7, row.id());
    update.setLong(8, row.fence());
    update.setString(9, row.writer());
    update.setLong(10, row.fence());
  }

  private static void setLong(PreparedStatement statement, int at, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(at, Types.BIGINT);
    } else {
      statement.setLong(at, value);
    }
  }

  /** Shows that a node lives and can write. */
  void signIn(String node) throws SQLException {
    inTransaction(
        () -> {
          PreparedStatement signIn = statement(dialect.signIn());
          signIn.setString(1, node);
          return signIn.executeUpdate();
        });
  }

  /** The node will not write any more. */
  void signOut(String node) throws SQLException {
    inTransaction(
        () -> {
          PreparedStatement signOut = statement("DELETE FROM node WHERE id = ?");
          signOut.setString(1, node);
          return signOut.executeUpdate();
        });
  }

  /**
   * An unfinished run that was taken over.
   *
   * @param fence its new one
   */
  record Taken(byte[] id, long fence, byte[] command, byte[] record) {}

  /** Gives a node the unfinished runs of another that is gone, oldest first. */
  List<Taken> takeOver(TakeOver.Request request) throws SQLException {
    return inTransaction(
        () -> {
          PreparedStatement takeOver = statement(dialect.takeOver(request));
          dialect.bindTakeOver(takeOver, request);
          List<Taken> taken = new ArrayList<>();
          try (ResultSet row = takeOver.executeQuery()) {
            while (row.next()) {
              taken.add(
                  new Taken(row.getBytes(1), row.getLong(2), row.getBytes(3), row.getBytes(4)));
            }
          }
          taken.sort(Comparator.comparing(Taken::id, Arrays::compareUnsigned));
          return taken;
        });
  }

  /** Which runs somebody knows of. */
  @FunctionalInterface
  interface Known {
    boolean holds(RunId id);
  }

  /**
   * Puts right what commits have left that seemed to fail and did not: a run whose caller heard
   * that it was not accepted is removed; one that others may know by its key, or that was taken
   * over unnoticed, becomes nobody's.
   */
  void reconcile(String self, Known known) throws SQLException {
    inTransaction(
        () -> {
          PreparedStatement ofHome = statement(OF_HOME);
          ofHome.setString(1, self);
          List<byte[]> remove = new ArrayList<>();
          List<byte[]> release = new ArrayList<>();
          try (ResultSet row = ofHome.executeQuery()) {
            while (row.next()) {
              if (!known.holds(RunRow.id(row.getBytes(1)))) {
                boolean unheard = row.getLong(2) == 1 && row.getObject(3) == null;
                (unheard ? remove : release).add(row.getBytes(1));
              }
            }
          }
          each(REMOVE_UNHEARD, remove, self);
          each(RELEASE, release, self);
          return release.size();
        });
  }

  private void each(String sql, List<byte[]> ids, String home) throws SQLException {
    PreparedStatement statement = statement(sql);
    for (byte[] id : ids) {
      statement.setBytes(1, id);
      statement.setString(2, home);
      statement.executeUpdate();
    }
  }

  /** Removes an unfinished run that another node has in its own book. */
  void forget(RunId run) throws SQLException {
    inTransaction(
        () -> {
          PreparedStatement forget =
              statement("DELETE FROM run WHERE id = ? AND finished_at IS NULL");
          forget.setBytes(1, RunRow.bytes(run));
          return forget.executeUpdate();
        });
  }

  /** Removes runs that were submitted before an id and ended before a time. */
  int removeOld(byte[] before, long endedBeforeMillis, int limit) throws SQLException {
    return inTransaction(
        () -> {
          PreparedStatement remove = statement(dialect.removeOld());
          remove.setBytes(1, before);
          remove.setLong(2, endedBeforeMillis);
          remove.setInt(3, limit);
          return remove.executeUpdate();
        });
  }

  /** Removes the first submitted of the ended runs. */
  int removeOldest(int limit) throws SQLException {
    return inTransaction(
        () -> {
          PreparedStatement remove = statement(dialect.removeOldest());
          remove.setInt(1, limit);
          return remove.executeUpdate();
        });
  }

  /** Removes what nodes that are long gone have left. */
  void forgetNodes() throws SQLException {
    inTransaction(() -> statement(dialect.forgetNodes()).executeUpdate());
  }

  int countEnded() throws SQLException {
    return inTransaction(
        () -> {
          try (ResultSet result = statement(COUNT_ENDED).executeQuery()) {
            return result.next() ? result.getInt(1) : 0;
          }
        });
  }

  private PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
