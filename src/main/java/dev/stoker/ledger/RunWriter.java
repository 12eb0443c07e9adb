package dev.stoker.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Writes the table. Confined to the thread that uses it. */
final class RunWriter implements AutoCloseable {
  // An ended run stays as it is; its key and its tool never change.
  private static final String WRITE =
      """
      INSERT INTO run (id, tool, principal, state, finished_at, record, command,
                       key, fingerprint, blobs)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE
      SET state = excluded.state, finished_at = excluded.finished_at, record = excluded.record,
          command = excluded.command, blobs = excluded.blobs
      WHERE run.finished_at IS NULL
      """;

  // Who ended before the time was submitted before it, so old ids are all there is to look at.
  private static final String REMOVE_OLD =
      """
      DELETE FROM run WHERE id IN (
        SELECT id FROM run WHERE id < ? AND finished_at < ? ORDER BY id LIMIT ?)
      """;
  private static final String REMOVE_OLDEST =
      """
      DELETE FROM run WHERE id IN (
        SELECT id FROM run WHERE finished_at IS NOT NULL ORDER BY id LIMIT ?)
      """;
  private static final String COUNT_ENDED =
      "SELECT (SELECT count(*) FROM run) - (SELECT count(*) FROM run WHERE finished_at IS NULL)";

  private final Connection connection;
  private final PreparedStatement write;
  private final PreparedStatement removeOld;
  private final PreparedStatement removeOldest;
  private final PreparedStatement countEnded;

  /** Closes the connection when it is closed, or cannot be used. */
  static RunWriter open(Connection connection) throws SQLException {
    try {
      return new RunWriter(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private RunWriter(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    this.write = connection.prepareStatement(WRITE);
    this.removeOld = connection.prepareStatement(REMOVE_OLD);
    this.removeOldest = connection.prepareStatement(REMOVE_OLDEST);
    this.countEnded = connection.prepareStatement(COUNT_ENDED);
  }

  /** Writes all or none; they are on the disk when it returns. */
  void write(List<RunRow> rows) throws SQLException {
    try {
      for (RunRow row : rows) {
        bind(row);
        write.executeUpdate();
      }
      connection.commit();
    } catch (SQLException e) {
      rollBack(e);
      throw e;
    }
  }

  private void bind(RunRow row) throws SQLException {
    write.setBytes(1, row.id());
    write.setString(2, row.tool());
    write.setString(3, row.principal());
    write.setString(4, row.state());
    write.setObject(5, row.finishedAtMillis());
    write.setBytes(6, row.record());
    write.setBytes(7, row.command());
    write.setString(8, row.key());
    write.setBytes(9, row.fingerprint());
    write.setBytes(10, row.blobs());
  }

  /** Removes runs that were submitted before an id and ended before a time. */
  int removeOld(byte[] before, long endedBeforeMillis, int limit) throws SQLException {
    removeOld.setBytes(1, before);
    removeOld.setLong(2, endedBeforeMillis);
    removeOld.setInt(3, limit);
    return remove(removeOld);
  }

  /** Removes the first submitted of the ended runs. */
  int removeOldest(int limit) throws SQLException {
    removeOldest.setInt(1, limit);
    return remove(removeOldest);
  }

  private int remove(PreparedStatement statement) throws SQLException {
    try {
      int removed = statement.executeUpdate();
      connection.commit();
      return removed;
    } catch (SQLException e) {
      rollBack(e);
      throw e;
    }
  }

  int countEnded() throws SQLException {
    try (ResultSet result = countEnded.executeQuery()) {
      int ended = result.getInt(1);
      connection.commit();
      return ended;
    }
  }

  private void rollBack(SQLException because) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
