package dev.stoker.nemesis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What the clients of a load saw. Thread-safe. */
final class History {
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  void add(Event event) {
    events.add(event);
  }

  /** A synchronous request failed for a client that does all that a client can do. */
  void failed(String what) {
    failures.add(what);
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  int answered() {
    return (int) events.stream().filter(event -> event.status() != Event.NONE).count();
  }

  /** Every run that was answered 202, with its tool. */
  Map<String, LoadTool> accepted() {
    Map<String, LoadTool> found = new LinkedHashMap<>();
    for (Event event : events) {
      String run = event.run();
      if (event.accepts() && run != null) {
        found.put(run, event.tool());
      }
    }
    return found;
  }
}
