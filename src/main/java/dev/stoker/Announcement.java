package dev.stoker;

import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.cluster.NodeInfo.ToolMark;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * What this node tells the others of itself, and when: once it serves, and whenever its catalog has
 * changed or it takes no more. Thread-safe.
 */
final class Announcement {
  /** The levels that this version can give; see what the catalog refuses. */
  private static final List<String> ISOLATION = List.of("function", "none");

  private final Instant startedAt = Instant.now();
  private final Members members;
  private final Catalog catalog;
  private final Facts facts;
  private final BooleanSupplier draining;

  /**
   * What does not change.
   *
   * @param http where the API is, host and port
   * @param processes how processes are started, in words
   */
  record Facts(String http, int slots, String processes) {}

  Announcement(Members members, Catalog catalog, Facts facts, BooleanSupplier draining) {
    this.members = members;
    this.catalog = catalog;
    this.facts = facts;
    this.draining = draining;
  }

  /** Tells it now, and from now on after each change of the catalog. Blocks. */
  void begin(Vertx vertx) {
    tell();
    catalog.onChange(
        () ->
            vertx.executeBlocking(
                () -> {
                  tell();
                  return null;
                }));
  }

  /** Tells it now. May read programs that have changed: blocks. */
  synchronized void tell() {
    Map<String, ToolMark> tools = new TreeMap<>();
    for (Tool tool : catalog.tools()) {
      if (tool.availability() instanceof Availability.Available) {
        mark(tool, tools);
      }
    }
    members.announce(
        new NodeInfo(
            members.self(),
            Version.text(),
            facts.http(),
            startedAt,
            facts.slots(),
            draining.getAsBoolean(),
            facts.processes(),
            ISOLATION,
            tools));
  }

  private static void mark(Tool tool, Map<String, ToolMark> tools) {
    try {
      tools.put(tool.name(), new ToolMark(tool.digest().hex(), tool.executableDigest().hex()));
    } catch (ServiceException gone) {
      // Its program went away since the catalog looked: it is not available.
    }
  }
}
