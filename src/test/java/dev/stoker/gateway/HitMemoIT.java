package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HitMemoIT {
  @TempDir static Path data;
  private static HttpNode node;

  @BeforeAll
  static void open() throws Exception {
    node = new HttpNode(data);
  }

  @AfterAll
  static void close() throws Exception {
    node.close();
  }

  @Test
  void shouldAnswerTheSameFromTheMemoAsFromTheCache() throws Exception {
    String body = "{\"params\":{\"text\":\"memo\"}}";
    node.run("cached", body);
    double hitsBefore = hits();

    HttpResponse<String> cached = node.run("cached", body);
    HttpResponse<String> remembered = node.run("cached", body);

    assertThat(remembered.body()).isEqualTo(cached.body());
    // What is remembered is answered without a trace of its own.
    Set<String> expected = new TreeSet<>(cached.headers().map().keySet());
    assertThat(expected.remove("traceresponse")).isTrue();
    assertThat(remembered.headers().map().keySet()).isEqualTo(expected);
    assertThat(remembered.headers().firstValue("Cache-Status").orElseThrow())
        .matches("stoker; hit; ttl=\\d+; detail=local");
    assertThat(hits() - hitsBefore).isEqualTo(2);
  }

  @Test
  void shouldForgetWhenTheCacheForgets() throws Exception {
    String body = "{\"params\":{\"text\":\"forget\"}}";
    node.run("cached", body);
    node.run("cached", body);
    node.run("cached", body);

    node.cache.purge(Optional.of("cached"));

    assertThat(HttpNode.json(node.run("cached", body)).getString("cache")).isEqualTo("miss");
  }

  @Test
  void shouldStandBackWhenAHeaderMeansSomething() throws Exception {
    String body = "{\"params\":{\"text\":\"header\"}}";
    node.run("cached", body);
    node.run("cached", body);

    assertThat(node.run("cached", body, "Prefer", "respond-async").statusCode()).isEqualTo(202);
    assertThat(
            HttpNode.json(node.run("cached", body, "Cache-Control", "no-store")).getString("cache"))
        .isEqualTo("bypass");
    assertThat(node.run("cached", body, "Stoker-Timeout", "9").statusCode()).isEqualTo(400);
  }

  private static double hits() {
    return node.meters.get("stoker.cache.hits").tag("level", "local").counter().count();
  }
}
