package dev.stoker;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A caller of Stoker. Thread-safe. */
public final class Http implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;
  private final Duration patience;

  public Http(URI base) {
    this(base, PATIENCE);
  }

  /**
   * @param patience how long an answer is waited for
   */
  public Http(URI base, Duration patience) {
    this.base = base;
    this.patience = patience;
  }

  public static Http of(StokerProcess stoker) {
    return new Http(stoker.address());
  }

  /** An answer that is small enough to be looked at whole. */
  public record Answer(int status, java.net.http.HttpHeaders headers, byte[] body) {
    public JsonObject json() {
      return new JsonObject(text());
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** The record of a run in it. */
    public RunView run() {
      return new RunView(json());
    }
  }

  /** Runs a tool with JSON parameters. */
  public Answer run(String tool, JsonObject parameters, String... headers) {
    String[] typed = new String[headers.length + 2];
    System.arraycopy(headers, 0, typed, 0, headers.length);
    typed[headers.length] = "Content-Type";
    typed[headers.length + 1] = "application/json";
    return post(
        "/v1/tools/" + tool + "/runs",
        BodyPublishers.ofString(new JsonObject().put("params", parameters).encode()),
        typed);
  }

  public Answer run(String tool, String... headers) {
    return run(tool, new JsonObject(), headers);
  }

  /** Asks for a run that nobody waits for. */
  public Answer detached(String tool, JsonObject parameters, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("Prefer", "respond-async"));
    return run(tool, parameters, all.toArray(String[]::new));
  }

  public Answer detached(String tool) {
    return detached(tool, new JsonObject());
  }

  /** The record of a run, as it is now. */
  public RunView find(String id) {
    return get("/v1/runs/" + id).run();
  }

  /** The record of a run when it has ended, or after half a minute. */
  public RunView ended(String id) {
    return get("/v1/runs/" + id + "?wait=30s").run();
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, BodyPublishers.noBody(), headers);
  }

  public Answer delete(String path) {
    return send("DELETE", path, BodyPublishers.noBody());
  }

  public Answer post(String path, BodyPublisher body, String... headers) {
    return send("POST", path, body, headers);
  }

  public Answer send(String method, String path, BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).timeout(patience).method(method, body);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
