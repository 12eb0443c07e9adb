package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.audit.AuditFixture;
import dev.stoker.audit.Disk;
import dev.stoker.bridge.EventBridge;
import dev.stoker.run.ErrorCode;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is done and what is refused when the audit log's disk is full, or hangs. */
class AuditDiskIT extends AuditedFixture {
  @Test
  void shouldRefuseWhatItCannotTellOfAndGoOnWhenItCan() throws Exception {
    close();
    Disk disk = Disk.mount(directory.resolve("disk"));
    try {
      open(AuditFixture.strict(AuditFixture.settings(disk.path()), false, true));
      Path filler = disk.fill();
      String body = "{\"params\":{\"text\":\"a\"}}";
      HttpResponse<String> answer = node.run("echo", body);
      for (int i = 0; i < 50 && answer.statusCode() == 200; i++) {
        answer = node.run("echo", body);
      }

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(HttpNode.json(answer).getString("type"))
          .isEqualTo("urn:stoker:problem:audit-unavailable");
      for (String[] each :
          new String[][] {
            {"DELETE", "/v1/runs/" + NO_RUN},
            {"DELETE", "/v1/cache"},
            {"POST", "/v1/nodes/test/drain"}
          }) {
        assertThat(
                node.send(
                        node.request(each[1]).method(each[0], HttpRequest.BodyPublishers.noBody()))
                    .statusCode())
            .isEqualTo(503);
      }
      assertThat(node.drained).isEmpty();
      // Whoever only looks is not refused.
      assertThat(node.get("/v1/tools").statusCode()).isEqualTo(200);

      Files.delete(filler);
      await().until(() -> node.run("echo", body).statusCode() == 200);
    } finally {
      node.close();
      audit.close();
      disk.unmount();
      settings = AuditFixture.settings(directory);
      open(settings);
    }
  }

  @Test
  void shouldGiveResultsOfTheCacheAndStartNothingThatItCannotTellOf() throws Exception {
    close();
    Disk disk = Disk.mount(directory.resolve("disk"));
    try {
      open(AuditFixture.strict(AuditFixture.settings(disk.path()), false, true));
      node.run("cached", "{\"params\":{\"text\":\"a\"}}");
      disk.fill();
      await().until(() -> node.run("echo", "{\"params\":{\"text\":\"a\"}}").statusCode() == 503);

      // By the bus: the gateway's own memory of hits does not know it.
      assertThat(onBus("a", new DeliveryOptions())).isEqualTo("succeeded");
      assertThat(onBus("other", new DeliveryOptions())).isEqualTo("AUDIT_UNAVAILABLE");
      for (String[] field :
          new String[][] {
            {"Prefer", "respond-async"},
            {"Idempotency-Key", "\"k\""},
            {"Cache-Control", "no-cache"},
            {"Cache-Control", "no-store"}
          }) {
        assertThat(onBus("a", new DeliveryOptions().addHeader(field[0], field[1])))
            .as("%s: %s", field[0], field[1])
            .isEqualTo("AUDIT_UNAVAILABLE");
      }
    } finally {
      node.close();
      audit.close();
      disk.unmount();
      settings = AuditFixture.settings(directory);
      open(settings);
    }
  }

  /** What becomes of a command: its run's state, or why there is none. */
  private String onBus(String text, DeliveryOptions options) {
    return node.vertx
        .eventBus()
        .<JsonObject>request(
            EventBridge.COMMANDS,
            new JsonObject()
                .put("tool", "cached")
                .put("params", new JsonObject().put("text", text)),
            options)
        .map(reply -> reply.body().getString("state"))
        .otherwise(
            e ->
                e instanceof ReplyException refused
                    ? ErrorCode.byNumber(refused.failureCode()).name()
                    : e.toString())
        .await();
  }

  @Test
  void shouldAnswerWhoWaitsForADiskThatHangs() throws Exception {
    close();
    Disk disk = Disk.freezable(directory.resolve("disk"));
    try {
      open(AuditFixture.strict(AuditFixture.settings(disk.path()), false, true));
      String body = "{\"params\":{\"text\":\"a\"}}";
      node.run("echo", body);
      disk.freeze();

      // It was done when it became known that it cannot be told of.
      assertThat(node.run("echo", body).statusCode()).isEqualTo(200);
      await().until(() -> node.run("echo", body).statusCode() == 503);

      disk.thaw();
      await().until(() -> node.run("echo", body).statusCode() == 200);
    } finally {
      disk.thaw();
      node.close();
      audit.close();
      disk.unmount();
      settings = AuditFixture.settings(directory);
      open(settings);
    }
  }
}
