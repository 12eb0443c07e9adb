package dev.stoker.attack;

import static java.util.Map.entry;

import dev.stoker.Http;
import dev.stoker.ProcessTable;
import dev.stoker.RunView;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** Makes all attacks of one level, some at a time, and says what came of each. */
final class Assault {
  private static final int AT_ONCE = 4;
  private static final Duration LONG = Duration.ofSeconds(2);

  private final AttackedNode node;
  private final Http http;
  private final Level level;
  private final Map<String, String> places;

  Assault(AttackedNode node, Http http, Level level, Outsider outsider, Outside outside) {
    this.node = node;
    this.http = http;
    this.level = level;
    this.places =
        Map.ofEntries(
            entry("@data@", node.home().data().toString()),
            entry("@conf@", node.home().config().toString()),
            entry("@catalog@", node.home().catalog().toString()),
            entry("@blob@", node.file(node.upload(http, "a result\n")).toString()),
            entry("@programs@", node.programs().toString()),
            entry("@outside@", outside.directory().toString()),
            entry("@socket@", outside.socket().toString()),
            entry("@disk@", Outside.disk().toString()),
            entry("@jvm@", Long.toString(node.process().pid())),
            entry("@port@", Integer.toString(node.process().address().getPort())),
            entry("@outsider@", Long.toString(outsider.pid())),
            entry("@outsider-port@", Integer.toString(outsider.port())));
  }

  /** What came of each that is tried at this level, in the order of the table. */
  Map<Attack, String> make(List<Attack> attacks) throws InterruptedException, ExecutionException {
    Map<Attack, Future<String>> running = new LinkedHashMap<>();
    try (ExecutorService attackers = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Attack attack : longestFirst(attacks)) {
        running.put(attack, attackers.submit(() -> outcome(attack)));
      }
    }
    Map<Attack, String> outcomes = new LinkedHashMap<>();
    for (Attack attack : attacks) {
      Future<String> outcome = running.get(attack);
      if (outcome != null) {
        outcomes.put(attack, outcome.get());
      }
    }
    return outcomes;
  }

  private List<Attack> longestFirst(List<Attack> attacks) {
    return attacks.stream()
        .filter(attack -> attack.isTried(level))
        .sorted(Comparator.comparingInt((Attack attack) -> attack.deadline().length()).reversed())
        .toList();
  }

  private String outcome(Attack attack) {
    long began = System.nanoTime();
    String outcome = tried(attack);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    return took.compareTo(LONG) < 0 ? outcome : outcome + " (after " + took.toSeconds() + " s)";
  }

  private String tried(Attack attack) {
    JsonObject body =
        new JsonObject()
            .put("params", new JsonObject().put("arguments", new JsonArray(arguments(attack))));
    if (attack.tool().equals("inputs")) {
      body.put("inputs", new JsonObject().put("file", new JsonObject().put("blob", given(attack))));
    }
    List<String> headers = new ArrayList<>(List.of("Content-Type", "application/json"));
    if (!attack.deadline().isEmpty()) {
      headers.addAll(List.of("Stoker-Timeout", attack.deadline()));
    }
    Http.Answer answer =
        http.post(
            "/v1/tools/" + attack.tool() + "-" + level.word() + "/runs",
            BodyPublishers.ofString(body.encode()),
            headers.toArray(String[]::new));
    if (answer.status() != 200) {
      return answer.status() + " " + answer.text();
    }
    RunView run = answer.run();
    List<Long> left = leftOf(run);
    return left.isEmpty() ? outcome(run) : outcome(run) + ", and left behind " + left;
  }

  /**
   * What the neighbours are given, too; but where nothing keeps an attack from changing it, a file
   * of its own.
   */
  private String given(Attack attack) {
    return node.upload(http, level == Level.NONE ? attack.what() : AttackedNode.GIVEN + "\n");
  }

  private String outcome(RunView run) {
    JsonObject file = run.json().getJsonObject("outputs").getJsonObject("file");
    if (file != null) {
      return "taken: " + http.get(file.getString("href")).text().strip();
    }
    String said = run.stdout().length() > 200 ? "" : run.stdout().strip();
    return run.state().equals("succeeded")
        ? said + (run.stderr().isBlank() ? "" : " (" + run.stderr().strip() + ")")
        : run.state() + ": " + run.reason() + (said.isEmpty() ? "" : " (" + said + ")");
  }

  /** Its processes that are alive when it is said to be over. */
  private static List<Long> leftOf(RunView run) {
    return ProcessTable.marks().entrySet().stream()
        .filter(each -> each.getValue().endsWith("/" + run.id()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private List<String> arguments(Attack attack) {
    return attack.arguments().stream().map(this::filled).collect(Collectors.toList());
  }

  private String filled(String argument) {
    String[] either = argument.split("~", -1);
    String chosen = level == Level.NONE ? either[0] : either[either.length - 1];
    for (Map.Entry<String, String> place : places.entrySet()) {
      chosen = chosen.replace(place.getKey(), place.getValue());
    }
    return chosen;
  }
}
