package dev.stoker.ledger;

import dev.stoker.run.NodeId;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The statements in which the databases differ. Stateless. */
interface Dialect {
  /** Binds a caller's idempotency key, as it is in the table. */
  void bindKey(PreparedStatement statement, int at, @Nullable String key) throws SQLException;

  /** Parameter: the node. */
  String signIn();

  /** Removes nodes that have not signed in for long. */
  String forgetNodes();

  /** Gives the homes of unfinished runs that may be taken from them, null for nobody's. */
  String strangers();

  void bindStrangers(PreparedStatement statement, NodeId self) throws SQLException;

  /** Gives id, fence, command and record of each run taken. */
  String takeOver(TakeOver.Request request);

  void bindTakeOver(PreparedStatement statement, TakeOver.Request request) throws SQLException;

  /** Parameters: an id, the time of ending, a limit. */
  String removeOld();

  /** Parameter: a limit. */
  String removeOldest();
}
