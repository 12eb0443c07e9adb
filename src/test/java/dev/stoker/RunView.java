package dev.stoker;

import io.vertx.core.json.JsonObject;
import java.util.Set;

/** The record of a run, as a caller sees it. */
public record RunView(JsonObject json) {
  private static final Set<String> GOING_ON = Set.of("queued", "running", "cancelling");

  public String id() {
    return json.getString("id");
  }

  public String state() {
    return json.getString("state");
  }

  public boolean hasEnded() {
    return !GOING_ON.contains(state());
  }

  public String reason() {
    return json.getString("reason", "");
  }

  public String stdout() {
    return json.getJsonObject("stdout").getString("text", "");
  }

  public String stderr() {
    return json.getJsonObject("stderr").getString("text", "");
  }

  public long stdoutBytes() {
    return json.getJsonObject("stdout").getLong("bytes");
  }

  public String cache() {
    return json.getString("cache");
  }

  public int attempt() {
    return json.getInteger("attempt");
  }

  public JsonObject output(String name) {
    return json.getJsonObject("outputs").getJsonObject(name);
  }
}
