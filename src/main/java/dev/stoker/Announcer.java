package dev.stoker;

import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.cluster.NodeInfo.ToolMark;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Tells the other nodes what this one is and can run, whenever that has changed. A verticle. */
final class Announcer extends VerticleBase {
  private static final long LOOK_MILLIS = 1000;

  private final Members members;
  private final Catalog catalog;
  private final Self self;
  private final BooleanSupplier draining;
  private final Instant startedAt = Instant.now();
  private @Nullable NodeInfo told;

  Announcer(Members members, Catalog catalog, Self self, BooleanSupplier draining) {
    this.members = members;
    this.catalog = catalog;
    this.self = self;
    this.draining = draining;
  }

  /** What does not change while the node lives. */
  record Self(String http, int slots, String processes) {}

  @Override
  public Future<?> start() {
    vertx.setPeriodic(LOOK_MILLIS, id -> look());
    return look();
  }

  /** Looks now. */
  void drained() {
    context.runOnContext(v -> look());
  }

  private Future<Void> look() {
    return vertx
        .executeBlocking(this::info, true)
        .onSuccess(
            info -> {
              if (!info.equals(told)) {
                told = info;
                members.announce(info);
              }
            })
        .mapEmpty();
  }

  private NodeInfo info() {
    Map<String, ToolMark> tools = new HashMap<>();
    for (Tool tool : catalog.tools()) {
      if (tool.availability() instanceof Availability.Available) {
        tools.put(tool.name(), new ToolMark(tool.digest().hex(), executable(tool)));
      }
    }
    return new NodeInfo(
        members.self(),
        Version.text(),
        self.http(),
        startedAt,
        self.slots(),
        draining.getAsBoolean(),
        self.processes(),
        List.of("none"),
        tools);
  }

  private static String executable(Tool tool) {
    try {
      return tool.executableDigest().hex();
    } catch (ServiceException gone) {
      return "";
    }
  }
}
