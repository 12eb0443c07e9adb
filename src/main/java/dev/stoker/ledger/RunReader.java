package dev.stoker.ledger;

import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the table; each call sees one moment of it. Used by one thread at a time. */
final class RunReader implements AutoCloseable {
  private static final byte[] AFTER_ALL_IDS = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1
  };

  /** Parameters: principal, tool, key. */
  static final String FIND_BY_KEY =
      "SELECT id, fingerprint FROM run WHERE principal = ? AND tool = ? AND key = ?";

  private final Connection connection;
  private final Dialect dialect;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  /** Closes the connection when it is closed. */
  RunReader(Connection connection, Dialect dialect) {
    this.connection = connection;
    this.dialect = dialect;
  }

  /** The run that a key belongs to, and what the key stands for. */
  record KeyedRun(RunId run, Digest fingerprint) {}

  /** A run as the table has it. */
  Optional<Ledger.Located> locate(RunId id) throws SQLException {
    PreparedStatement statement =
        statement("SELECT record, home, finished_at FROM run WHERE id = ?");
    statement.setBytes(1, RunRow.bytes(id));
    try (ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      RunRecord record = RunRow.record(row.getBytes(1));
      String home = row.getString(2);
      boolean hasHome = home != null && !record.state().isTerminal();
      return Optional.of(new Ledger.Located(record, hasHome ? NodeId.parse(home) : null));
    }
  }

  Optional<KeyedRun> findByKey(KeyName key) throws SQLException {
    return findByKey(statement(FIND_BY_KEY), dialect, key);
  }

  /** The same, on another connection's {@link #FIND_BY_KEY}. */
  static Optional<KeyedRun> findByKey(PreparedStatement statement, Dialect dialect, KeyName key)
      throws SQLException {
    statement.setString(1, key.principal());
    statement.setString(2, key.tool());
    dialect.bindKey(statement, 3, key.key());
    try (ResultSet row = statement.executeQuery()) {
      return row.next()
          ? Optional.of(new KeyedRun(RunRow.id(row.getBytes(1)), RunRow.digest(row.getBytes(2))))
          : Optional.empty();
    }
  }

  /**
   * The first page of the runs in the table and those in memory together.
   *
   * @param live wins over the table's rows of the same runs
   */
  Page list(Query query, Map<RunId, RunRecord> live) throws SQLException {
    Merge merge = new Merge(query, live);
    PreparedStatement statement = statement(listSql(query));
    int at = 1;
    RunId before = query.before();
    statement.setBytes(at++, before == null ? AFTER_ALL_IDS : RunRow.bytes(before));
    if (query.tool() != null) {
      statement.setString(at++, query.tool());
    }
    if (query.principal() != null) {
      statement.setString(at++, query.principal());
    }
    if (query.state() != null) {
      statement.setString(at++, query.state().label());
    }
    // The page, one more to know whether there is another, and those that memory has.
    statement.setInt(at++, query.limit() + 1 + live.size());
    try (ResultSet row = statement.executeQuery()) {
      while (!merge.isFull() && row.next()) {
        merge.add(RunRow.id(row.getBytes(1)), row.getBytes(2));
      }
    }
    return merge.page();
  }

  private static String listSql(Query query) {
    return "SELECT id, record FROM run WHERE id < ?"
        + (query.tool() == null ? "" : " AND tool = ?")
        + (query.principal() == null ? "" : " AND principal = ?")
        + (query.state() == null ? "" : " AND state = ?")
        + " ORDER BY id DESC LIMIT ?";
  }

  void addReferences(BlobReferences references) throws SQLException {
    try (ResultSet row =
        statement("SELECT blobs FROM run WHERE blobs IS NOT NULL").executeQuery()) {
      while (row.next()) {
        references.addAll(row.getBytes(1));
      }
    }
  }

  /**
   * The homes of unfinished runs that a node may take from them; {@link Ledger#NOBODY} for none.
   */
  List<NodeId> strangers(NodeId self) throws SQLException {
    PreparedStatement statement = statement(dialect.strangers());
    dialect.bindStrangers(statement, self);
    List<NodeId> homes = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        String home = row.getString(1);
        homes.add(home == null ? Ledger.NOBODY : NodeId.parse(home));
      }
    }
    return homes;
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
