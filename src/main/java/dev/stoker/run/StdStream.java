package dev.stoker.run;

/** One of the two streams a process writes. */
public enum StdStream {
  STDOUT("stdout"),
  STDERR("stderr");

  private final String label;

  StdStream(String label) {
    this.label = label;
  }

  /** The name in records, routes and metrics. */
  public String label() {
    return label;
  }
}
