package dev.stoker.cluster;

import dev.stoker.cluster.ClusterSettings.Discovery;
import dev.stoker.cluster.ClusterSettings.Kubernetes;
import dev.stoker.config.Configuration;
import dev.stoker.config.Overrides;
import dev.stoker.config.Overrides.Membership;
import dev.stoker.run.NodeId;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A member in a JVM of its own, told what to do by lines. It tells {@code present a@1 b@1} whenever
 * that changes, {@code merged}, and {@code answer <number> <text>}.
 */
final class MemberMain {
  private static final int ASK_MILLIS = 1000;

  private final Cluster cluster;
  private final EventBus bus;

  private MemberMain(Cluster cluster, Vertx vertx) {
    this.cluster = cluster;
    this.bus = vertx.eventBus();
  }

  /**
   * Arguments: node, bind, members with commas, name, secret, minimum of members. With an empty
   * bind all is as Stoker's own configuration and the environment say, and the members are the path
   * of a data directory.
   */
  public static void main(String[] arguments) throws Exception {
    NodeId self = NodeId.parse(arguments[0]);
    ClusterSettings settings =
        arguments[1].isEmpty() ? configured(Path.of(arguments[2])) : listed(arguments);
    try (Cluster cluster = Cluster.join(settings, self)) {
      Vertx vertx = cluster.vertx(new VertxOptions().setPreferNativeTransport(true)).await();
      MemberMain member = new MemberMain(cluster, vertx);
      member.open();
      member.obey();
      vertx.close().await();
    }
  }

  private static ClusterSettings configured(Path data) {
    Overrides overrides = new Overrides(null, null, data, 0, 0, Membership.CLUSTER);
    Configuration configuration =
        new Configuration(Path.of("").toAbsolutePath(), 2, System.getenv());
    return Objects.requireNonNull(configuration.load(overrides).cluster());
  }

  private static ClusterSettings listed(String[] arguments) {
    return new ClusterSettings(
        Path.of("cluster.xml"),
        arguments[3],
        arguments[4],
        arguments[1],
        0,
        0,
        List.of(arguments[2].split(",", -1)),
        Discovery.LIST,
        new Kubernetes("", "", ""),
        Integer.parseInt(arguments[5]),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3));
  }

  private void open() {
    String self = cluster.self().toString();
    bus.<String>consumer("to." + self, message -> message.reply(self)).completion().await();
    bus.<String>consumer("to.any", message -> message.reply(self)).completion().await();
    cluster.onChange(this::tell);
    cluster.onMerged(() -> System.out.println("merged"));
    cluster.announce(
        new NodeInfo(
            cluster.self(), "1", self, Instant.now(), 1, false, "none", List.of(), Map.of()));
    System.out.println("ready");
  }

  private void tell() {
    String present =
        cluster.present().keySet().stream()
            .map(NodeId::toString)
            .collect(Collectors.toCollection(TreeSet::new))
            .stream()
            .collect(Collectors.joining(" "));
    System.out.println("present " + present);
    System.out.println("quorum " + cluster.hasQuorum());
  }

  private void obey() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line = in.readLine();
    while (line != null && !line.equals("leave")) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "ask" -> ask(words[1], words[2]);
        default -> throw new IllegalArgumentException(line);
      }
      line = in.readLine();
    }
  }

  private void ask(String number, String address) {
    bus.<String>request(address, "", new DeliveryOptions().setSendTimeout(ASK_MILLIS))
        .onComplete(
            (reply, failure) ->
                answer(number, failure == null ? reply.body() : "failed: " + failure.getMessage()));
  }

  private static void answer(String number, String text) {
    System.out.println("answer " + number + " " + text);
  }
}
