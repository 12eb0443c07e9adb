package dev.stoker.ledger;

import dev.stoker.run.NodeId;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** SQLite's: a file of one node's own, with one writer. */
final class SqliteDialect implements Dialect {
  private static final String TAKE_OVER =
      """
      UPDATE run SET home = ?, fence = fence + 1
      WHERE id IN (
        SELECT id FROM run WHERE home IS ? AND finished_at IS NULL ORDER BY id LIMIT ?)
      RETURNING id, fence, command, record
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

  @Override
  public String signIn() {
    return """
        INSERT INTO node (id, seen_at) VALUES (?, unixepoch() * 1000)
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
        """;
  }

  @Override
  public void bindKey(PreparedStatement statement, int at, @Nullable String key)
      throws SQLException {
    statement.setString(at, key);
  }

  @Override
  public String forgetNodes() {
    return "DELETE FROM node WHERE seen_at < (unixepoch() - 86400) * 1000";
  }

  @Override
  public String strangers() {
    return """
        SELECT DISTINCT home FROM run
        WHERE finished_at IS NULL AND (home IS NULL OR home <> ?)
        """;
  }

  @Override
  public void bindStrangers(PreparedStatement statement, NodeId self) throws SQLException {
    statement.setString(1, self.toString());
  }

  @Override
  public String takeOver(TakeOver.Request request) {
    return TAKE_OVER;
  }

  @Override
  public void bindTakeOver(PreparedStatement statement, TakeOver.Request request)
      throws SQLException {
    statement.setString(1, request.self().toString());
    statement.setString(2, request.home());
    statement.setInt(3, request.max());
  }

  @Override
  public String removeOld() {
    return REMOVE_OLD;
  }

  @Override
  public String removeOldest() {
    return REMOVE_OLDEST;
  }
}
