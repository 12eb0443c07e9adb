package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.check.CheckSettings.Policy;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tool that has its callers' scripts checked, over HTTP. */
class ScriptCheckOverHttpIT {
  @TempDir Path data;
  private final List<HttpNode> nodes = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (HttpNode node : nodes) {
      node.close();
    }
  }

  @Test
  void shouldRefuseAScriptAndSayWhere() throws Exception {
    HttpNode node = open(Policy.REFUSE);

    HttpResponse<String> answer = script(node, "echo before\nfor x in\n");

    JsonObject problem = HttpNode.json(answer);
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(problem.getString("type")).isEqualTo("urn:stoker:problem:script-refused");
    assertThat(problem.getInteger("code")).isEqualTo(19);
    assertThat(problem.getJsonArray("errors").stream())
        .anySatisfy(
            error -> {
              assertThat(((JsonObject) error).getString("field")).isEqualTo("stdin");
              assertThat(((JsonObject) error).getString("message")).contains("line ", "error SC1");
            });
    assertThat(node.runs()).isZero();
  }

  @Test
  void shouldRunAScriptInWhichNothingIsFound() throws Exception {
    HttpNode node = open(Policy.REFUSE);

    JsonObject run = HttpNode.json(script(node, "printf 'fine'\n"));

    assertThat(run.getString("state")).isEqualTo("succeeded");
    assertThat(run.getJsonObject("stdout").getString("text")).isEqualTo("fine");
  }

  @Test
  void shouldCheckAFileThatWasUploaded() throws Exception {
    HttpNode node = open(Policy.REFUSE);

    HttpResponse<String> refused = program(node, "import os\nos.system('echo no')\n");
    HttpResponse<String> taken = program(node, "print('yes')\n");

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("inputs.program", "line 2: error PY-shell");
    assertThat(HttpNode.json(taken).getJsonObject("stdout").getString("text")).isEqualTo("yes\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100_000})
  void shouldCheckAScriptHoweverItCame(int padding) throws Exception {
    HttpNode node = open(Policy.REFUSE);

    // More than what is carried along becomes a blob.
    HttpResponse<String> answer = script(node, "#" + "x".repeat(padding) + "\nif\n");

    assertThat(answer.statusCode()).isEqualTo(422);
  }

  @Test
  void shouldRunAScriptWithFindingsWhereThePolicyWarns() throws Exception {
    HttpNode node = open(Policy.WARN);

    JsonObject run = HttpNode.json(program(node, "import os\nos.system('echo warned')\n"));

    assertThat(run.getString("state")).isEqualTo("succeeded");
    assertThat(run.getJsonObject("stdout").getString("text")).isEqualTo("warned\n");
    assertThat(node.meters.get("stoker.script.checks").tag("verdict", "warned").counter().count())
        .isEqualTo(1);
  }

  private HttpNode open(Policy policy) throws Exception {
    HttpNode node = new HttpNode(data, settings -> settings, HttpNode.Layout.TOGETHER, policy);
    nodes.add(node);
    return node;
  }

  private HttpResponse<String> script(HttpNode node, String text) throws Exception {
    return node.send(
        node.request("/v1/tools/script/runs")
            .header("Content-Type", "application/octet-stream")
            .POST(BodyPublishers.ofString(text)));
  }

  private HttpResponse<String> program(HttpNode node, String text) throws Exception {
    String digest =
        HttpNode.json(node.send(node.request("/v1/blobs").POST(BodyPublishers.ofString(text))))
            .getString("blob");
    return node.run("program", "{\"inputs\":{\"program\":\"" + digest + "\"}}");
  }
}
