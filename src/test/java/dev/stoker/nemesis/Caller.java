package dev.stoker.nemesis;

import dev.stoker.Http;
import dev.stoker.Http.Answer;
import dev.stoker.RunView;
import dev.stoker.nemesis.Event.Kind;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Asks nodes and writes down what they say. Confined to one thread; the history may be shared. */
final class Caller implements AutoCloseable {
  private final List<Http> nodes;
  private final History history;

  /**
   * @param patience how long an answer is waited for
   */
  Caller(TestCluster cluster, Duration patience, History history) {
    this.nodes =
        IntStream.range(0, cluster.size())
            .mapToObj(i -> new Http(cluster.node(i).address(), patience))
            .toList();
    this.history = history;
  }

  /** An event, and what else a client has to know of it. */
  record Heard(Event event, boolean refused, long retryAfterMillis, String problem) {}

  int nodes() {
    return nodes.size();
  }

  Heard sync(int node, LoadTool tool, JsonObject parameters) {
    return ask(
        new Question(Kind.SYNC, tool, null, node, null),
        () -> nodes.get(node).run(tool.label(), parameters));
  }

  Heard async(int node, LoadTool tool, String key, JsonObject parameters) {
    return ask(
        new Question(Kind.ASYNC, tool, key, node, null),
        () -> nodes.get(node).detached(tool.label(), parameters, "Idempotency-Key", key));
  }

  Heard read(int node, LoadTool tool, String run, Duration wait) {
    return ask(
        new Question(Kind.READ, tool, null, node, run),
        () -> nodes.get(node).get("/v1/runs/" + run + "?wait=" + wait.toMillis() + "ms"));
  }

  Heard cancel(int node, LoadTool tool, String run) {
    return ask(
        new Question(Kind.CANCEL, tool, null, node, run),
        () -> nodes.get(node).delete("/v1/runs/" + run));
  }

  private record Question(
      Kind kind, LoadTool tool, @Nullable String key, int node, @Nullable String run) {
    Event answered(long sent, int status, @Nullable String named, @Nullable State state) {
      long now = System.currentTimeMillis();
      return new Event(kind, tool, key, node, sent, now, status, named, state);
    }
  }

  private Heard ask(Question question, Supplier<Answer> request) {
    long sent = System.currentTimeMillis();
    Heard heard;
    try {
      heard = heard(question, sent, request.get());
    } catch (UncheckedIOException e) {
      Event nothing = question.answered(sent, Event.NONE, question.run(), null);
      boolean refused = e.getCause() instanceof ConnectException;
      heard = new Heard(nothing, refused, 0, String.valueOf(e.getCause()));
    }
    history.add(heard.event());
    return heard;
  }

  private static Heard heard(Question question, long sent, Answer answer) {
    int status = answer.status();
    if (status == 200 || status == 202) {
      RunView run = answer.run();
      Event event = question.answered(sent, status, run.id(), State.of(run));
      return new Heard(event, false, 0, "");
    }
    Event event = question.answered(sent, status, question.run(), null);
    return new Heard(event, false, retryAfterMillis(answer), problem(answer));
  }

  private static long retryAfterMillis(Answer answer) {
    String text = answer.header("Retry-After");
    return text.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(text)).toMillis() : 0;
  }

  private static String problem(Answer answer) {
    try {
      return answer.json().getString("detail", "");
    } catch (DecodeException e) {
      return answer.text();
    }
  }

  @Override
  public void close() {
    List<Http> all = new ArrayList<>(nodes);
    all.forEach(Http::close);
  }
}
