package dev.stoker.ledger;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The statements in which the databases differ. Stateless. */
interface Dialect {
  /** Parameter: the node. */
  String signIn();

  /** Gives id, fence, command and record of each run taken. */
  String takeOver(TakeOver.Request request);

  void bindTakeOver(PreparedStatement statement, TakeOver.Request request) throws SQLException;

  /** Parameters: an id, the time of ending, a limit. */
  String removeOld();

  /** Parameter: a limit. */
  String removeOldest();
}
