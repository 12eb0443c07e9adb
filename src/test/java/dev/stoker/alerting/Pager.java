package dev.stoker.alerting;

import com.sun.net.httpserver.HttpServer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes what Alertmanager sends, for all receivers. Thread-safe; closing frees its port. */
final class Pager implements AutoCloseable {
  /** A message to a receiver. */
  record Message(String receiver, JsonObject body) {
    String status() {
      return body.getString("status");
    }

    List<JsonObject> alerts() {
      return body.getJsonArray("alerts").stream().map(JsonObject.class::cast).toList();
    }
  }

  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  Pager() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String receiver = exchange.getRequestURI().getPath().substring(1);
          byte[] body = exchange.getRequestBody().readAllBytes();
          messages.add(new Message(receiver, new JsonObject(Buffer.buffer(body))));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  /** Where messages to a receiver go. */
  String address(String receiver) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + receiver;
  }

  /** What a receiver was sent so far, in order. */
  List<Message> messages(String receiver) {
    return messages.stream().filter(message -> message.receiver().equals(receiver)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
