package dev.stoker.gateway;

import dev.stoker.audit.Audit;
import dev.stoker.audit.AuditFixture;
import dev.stoker.audit.AuditSettings;
import dev.stoker.bridge.EventBridge;
import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.dispatch.Runs;
import dev.stoker.gateway.HttpNode.Layout;
import dev.stoker.header.TrustedProxies;
import dev.stoker.peer.Peers;
import dev.stoker.request.CommandReader;
import dev.stoker.request.Tools;
import dev.stoker.run.ByteSize;
import dev.stoker.run.NodeId;
import dev.stoker.telemetry.Metrics;
import dev.stoker.trace.Tracing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node whose answers come after their entries in the audit log. */
abstract class AuditedFixture {
  static final String NO_RUN = "0198e0a2-0000-7000-8000-000000000000";

  @TempDir Path directory;
  AuditSettings settings;
  Audit audit;
  HttpNode node;

  @BeforeEach
  void open() throws Exception {
    open(AuditFixture.strict(AuditFixture.settings(directory), false, true));
  }

  final void open(AuditSettings with) throws Exception {
    settings = with;
    audit = Audit.open(settings, "test");
    node =
        new HttpNode(
            directory.resolve("data"),
            AuditedFixture::behindAProxy,
            Layout.TOGETHER,
            Policy.REFUSE,
            audit);
    HttpNode.result(node.vertx.deployVerticle(bridge()));
  }

  private static GatewaySettings behindAProxy(GatewaySettings like) {
    return new GatewaySettings(
        like.host(),
        like.port(),
        like.connections(),
        like.headerBytes(),
        like.uriBytes(),
        like.jsonBody(),
        like.stdin(),
        like.blob(),
        like.idle(),
        like.stall(),
        like.waitMax(),
        like.heartbeat(),
        like.followers(),
        like.memo(),
        new GatewaySettings.Edge(null, TrustedProxies.parse(List.of("127.0.0.0/8"))));
  }

  private EventBridge bridge() {
    return new EventBridge(
        new EventBridge.Parts(
            node.contract,
            new Tools(node.catalog, node.members),
            new CommandReader(
                node.blobs,
                Peers.alone(node.blobs),
                node.check,
                new CommandReader.Limits(ByteSize.parse("4MiB"), ByteSize.parse("1MiB"))),
            new Runs(node.vertx.eventBus(), new NodeId("test", 1)),
            new Metrics(node.meters),
            Tracing.off(),
            audit),
        Duration.ofSeconds(60));
  }

  @AfterEach
  void close() throws Exception {
    node.close();
    audit.close();
  }
}
