package dev.stoker.ledger;

import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's: tables that all nodes share. */
final class PostgresDialect implements Dialect {
  // Rows that somebody has locked are being taken, or written by a home that is back.
  private static final String TAKE_OVER =
      """
      UPDATE run SET home = ?, fence = fence + 1
      WHERE id IN (
        SELECT id FROM run WHERE %s AND finished_at IS NULL
        ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED)
      RETURNING id, fence, command, record
      """;
  private static final String OF_NOBODY = TAKE_OVER.formatted("home IS NULL");
  private static final String OF_EARLIER_LIFE = TAKE_OVER.formatted("home = ?");
  // A run that a caller waits for is lost only when its home is: one that was paused still tells
  // its callers how their runs ended, and the book must not say otherwise.
  private static final String OF_SOMEBODY =
      TAKE_OVER.formatted(
          """
          home = ? AND NOT EXISTS (
            SELECT FROM node
            WHERE node.id = ? AND seen_at > clock_timestamp()
              - CASE WHEN durable THEN ? ELSE 60000 END * INTERVAL '1 ms')
          """
              .strip());

  // Who ended before the time was submitted before it, so old ids are all there is to look at.
  // Several nodes may tidy at once: each takes what the others have not.
  private static final String REMOVE_OLD =
      """
      DELETE FROM run WHERE id IN (
        SELECT id FROM run WHERE id < ? AND finished_at < ?
        ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED)
      """;
  private static final String REMOVE_OLDEST =
      """
      DELETE FROM run WHERE id IN (
        SELECT id FROM run WHERE finished_at IS NOT NULL
        ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED)
      """;

  private final long leaseMillis;

  PostgresDialect(Duration lease) {
    this.leaseMillis = lease.toMillis();
  }

  @Override
  public String signIn() {
    return """
        INSERT INTO node (id, seen_at) VALUES (?, clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
        """;
  }

  @Override
  public String takeOver(TakeOver.Request request) {
    if (request.home() == null) {
      return OF_NOBODY;
    }
    return request.isCertainlyGone() ? OF_EARLIER_LIFE : OF_SOMEBODY;
  }

  @Override
  public void bindTakeOver(PreparedStatement statement, TakeOver.Request request)
      throws SQLException {
    int at = 1;
    statement.setString(at++, request.self().toString());
    if (request.home() != null) {
      statement.setString(at++, request.home());
    }
    if (!request.isCertainlyGone()) {
      statement.setString(at++, request.home());
      statement.setLong(at++, leaseMillis);
    }
    statement.setInt(at, request.max());
  }

  @Override
  public String strangers() {
    return """
        SELECT DISTINCT home FROM run
        WHERE finished_at IS NULL
          AND (home IS NULL
               OR home <> ? AND (starts_with(home, ?) OR NOT EXISTS (
                 SELECT FROM node
                 WHERE node.id = home AND seen_at > clock_timestamp()
                   - CASE WHEN durable THEN ? ELSE 60000 END * INTERVAL '1 ms')))
        """;
  }

  @Override
  public void bindStrangers(PreparedStatement statement, NodeId self) throws SQLException {
    statement.setString(1, self.toString());
    statement.setString(2, self.name() + "@");
    statement.setLong(3, leaseMillis);
  }

  @Override
  public void bindKey(PreparedStatement statement, int at, @Nullable String key)
      throws SQLException {
    // Of any length and with any character: an index entry has a largest size, a text no zero.
    byte[] bytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    statement.setBytes(at, bytes == null ? null : RunRow.bytes(Digest.of(bytes)));
  }

  @Override
  public String forgetNodes() {
    return "DELETE FROM node WHERE seen_at < clock_timestamp() - INTERVAL '1 day'";
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
