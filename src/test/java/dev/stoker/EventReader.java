package dev.stoker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;

/** Reads server-sent events. Used by one thread. */
final class EventReader implements AutoCloseable {
  private final BufferedReader lines;

  /** One event; Stoker's have one line of data, which is JSON. */
  record Event(String id, String name, JsonObject data) {}

  EventReader(InputStream body) {
    this.lines = new BufferedReader(new InputStreamReader(body, UTF_8));
  }

  /** Waits for the next. */
  Event next() throws IOException {
    String id = "";
    String name = "message";
    String data = "";
    while (true) {
      String line = lines.readLine();
      if (line == null) {
        throw new EOFException("the events ended without an end");
      }
      if (line.isEmpty() && !data.isEmpty()) {
        return new Event(id, name, new JsonObject(data));
      }
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      switch (colon < 0 ? "" : line.substring(0, colon)) {
        case "id" -> id = value;
        case "event" -> name = value;
        case "data" -> data = value;
        default -> {}
      }
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
