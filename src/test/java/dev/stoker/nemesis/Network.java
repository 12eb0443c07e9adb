package dev.stoker.nemesis;

import java.util.List;

/** Where the nodes of a test's cluster are, and how they reach each other. */
interface Network extends AutoCloseable {
  /** The way that is cut, as its node sees it. */
  enum Direction {
    /** Nothing reaches the node; what it says arrives. */
    INWARD,
    /** Nothing that the node says arrives; it hears all. */
    OUTWARD
  }

  /** An address of the test itself that every node reaches: its database is there. */
  String hub();

  /** The address that a node has to itself, so that all nodes may use the same ports. */
  String address(int node);

  /** What starts a program where the node is. */
  List<String> prefix(int node);

  /** Nothing passes between the node and anybody else. */
  void cut(int node);

  /** Nothing passes one way. */
  void cutOneWay(int node, Direction direction);

  /** Undoes what was cut of the node. Idempotent. */
  void heal(int node);

  /** Removes what was made. Idempotent. */
  @Override
  void close();
}
