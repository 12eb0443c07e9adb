package dev.stoker.audit;

/** What was asked for. The labels are stable. */
public enum Action {
  SUBMIT("run.submit"),
  CANCEL("run.cancel"),
  PURGE("cache.purge"),
  DRAIN("node.drain"),
  CATALOG("catalog.reload"),
  STARTED("node.start"),
  STOPPED("node.stop"),
  /** Entries could not be written, and {@code detail} says how many. */
  LOST("audit.lost");

  private final String label;

  Action(String label) {
    this.label = label;
  }

  /** The name in the file, such as {@code run.submit}. */
  public String label() {
    return label;
  }
}
