package dev.stoker.nemesis;

import dev.stoker.StokerHome;
import java.nio.file.Path;
import java.util.Locale;

/** The tools of the load, each with what is promised of it. */
enum LoadTool {
  /** Never begun twice. */
  ONCE(1, 0, Caching.NEVER, ""),
  /** Begun again when it is lost. */
  AGAIN(3, 0, Caching.NEVER, "retry: {attempts: 3, on: [lost]}"),
  /** Few at a time in the whole cluster. */
  CAPPED(1, 3, Caching.NEVER, "concurrency: {cluster: 3}"),
  /** An equal command's result may be given instead. */
  CACHED(1, 0, Caching.ALWAYS, "cache: {ttl: 1h}"),
  /** Goes on until it is cancelled, with a descendant that has left its group. */
  LONG(1, 0, Caching.NEVER, "timeout: {default: 30s}");

  /** Whether a result may be that of another run. */
  enum Caching {
    NEVER,
    ALWAYS
  }

  private final int attempts;
  private final int cap;
  private final Caching caching;
  private final String keys;

  LoadTool(int attempts, int cap, Caching caching, String keys) {
    this.attempts = attempts;
    this.cap = cap;
    this.caching = caching;
    this.keys = keys;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How often a run may be begun. */
  int attempts() {
    return attempts;
  }

  /** How many run at once in the cluster; 0: no bound. */
  int cap() {
    return cap;
  }

  Caching caching() {
    return caching;
  }

  static LoadTool of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  /**
   * Puts all of them into a catalog. Each process writes a line when it begins and one when it ends
   * into the log, which {@link StartLog} reads, and prints its own number, so that no two
   * executions have the same result. The first parameter is how long it sleeps.
   */
  static void describe(StokerHome home, Path log) {
    for (LoadTool tool : values()) {
      String descendant = tool == LONG ? "setsid sleep 300 &\n" : "";
      String script =
          line("begin", tool, log)
              + descendant
              + "sleep \"$1\"\n"
              + line("end", tool, log)
              + "echo $$";
      home.script(
          tool.label(),
          script,
          "command: [\"@script@\", \"${params.seconds}\", \"${params.text}\"]",
          "parameters: {properties: {seconds: {type: string},"
              + " text: {type: string, default: none}}, required: [seconds]}",
          tool.keys);
    }
  }

  private static String line(String what, LoadTool tool, Path log) {
    return "echo \"%s %s $STOKER_RUN $$ $(date +%%s%%3N)\" >>%s%n"
        .formatted(what, tool.label(), log);
  }
}
