package dev.stoker.ledger;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;

/** Where the book's tables are. Thread-safe. */
interface Database extends AutoCloseable {
  /** A connection that writes, for one thread; closed by the caller. */
  RunWriter writer() throws SQLException;

  /** Asks the tables; blocks. */
  <T> T ask(Question<T> question) throws SQLException;

  /** Something that is asked. */
  @FunctionalInterface
  interface Question<T> {
    T ask(RunReader reader) throws SQLException;
  }

  /** How often a node shows there that it lives. */
  Duration signInEvery();

  /** How many may ask at once. */
  int readers();

  /** For the operator; holds no secret. */
  String name();

  /** What the operator can do about it. */
  IOException explain(SQLException e);

  @Override
  void close();
}
