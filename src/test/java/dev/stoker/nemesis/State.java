package dev.stoker.nemesis;

import dev.stoker.RunView;
import io.vertx.core.json.JsonObject;

/**
 * A run's state as somebody was told it.
 *
 * @param result tells two executions apart: the exit code and what was printed; empty while it has
 *     not ended
 */
record State(String name, boolean terminal, String result) {
  static State of(RunView run) {
    JsonObject json = run.json();
    if (!run.hasEnded()) {
      return new State(run.state(), false, "");
    }
    JsonObject stdout = json.getJsonObject("stdout", new JsonObject());
    return new State(
        run.state(), true, json.getValue("exitCode") + " " + stdout.getString("text", "").strip());
  }

  static State ended(String name, String result) {
    return new State(name, true, result);
  }

  static State going(String name) {
    return new State(name, false, "");
  }
}
