package dev.stoker;

import io.vertx.core.json.JsonObject;
import java.util.Set;

/** The record of a run, as a caller sees it. */
record RunView(JsonObject json) {
  private static final Set<String> GOING_ON = Set.of("queued", "running", "cancelling");

  String id() {
    return json.getString("id");
  }

  String state() {
    return json.getString("state");
  }

  boolean hasEnded() {
    return !GOING_ON.contains(state());
  }

  String reason() {
    return json.getString("reason", "");
  }

  String stdout() {
    return json.getJsonObject("stdout").getString("text", "");
  }

  String stderr() {
    return json.getJsonObject("stderr").getString("text", "");
  }

  long stdoutBytes() {
    return json.getJsonObject("stdout").getLong("bytes");
  }

  String cache() {
    return json.getString("cache");
  }

  int attempt() {
    return json.getInteger("attempt");
  }

  JsonObject output(String name) {
    return json.getJsonObject("outputs").getJsonObject(name);
  }
}
