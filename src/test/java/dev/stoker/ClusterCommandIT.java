package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --cluster} as an operator has it. */
@Tag("patient")
class ClusterCommandIT {
  private static final Duration JOIN_MAX = Duration.ofSeconds(60);

  @TempDir Path directory;
  private final String name = "test-" + UUID.randomUUID();
  private final String address =
      "127.%d.%d.%d"
          .formatted(
              ThreadLocalRandom.current().nextInt(1, 250),
              ThreadLocalRandom.current().nextInt(250),
              ThreadLocalRandom.current().nextInt(2, 250));
  private String section = "";

  @BeforeEach
  void describe() {
    section =
        "cluster: {name: %s, bind: %s, members: [%s], port: 5701}"
            .formatted(name, address, address);
  }

  @Test
  void shouldJoinAndCountItsLives() throws IOException {
    StokerHome first = home("first");
    StokerHome second = home("second");
    try (StokerProcess a = serve(first)) {
      try (StokerProcess b = serve(second)) {
        awaitLog(a, "second", "has joined");
        b.terminate();
        assertThat(b.exitCode()).isEqualTo(143);
        awaitLog(a, "second", "@1", "has left");
      }
      try (StokerProcess b = serve(second)) {
        awaitLog(a, "second", "@2", "has joined");
        b.kill9();
        awaitLog(a, "second", "@2", "has left");
      }
    }
    assertThat(Files.readString(second.data().resolve("epoch")).strip()).isEqualTo("2");
  }

  @Test
  void shouldBeRefusedWhereAnotherWireVersionIsSpoken() {
    Config foreign = new Config();
    foreign.setClusterName(name);
    foreign
        .setProperty("hazelcast.local.localAddress", address)
        .setProperty("hazelcast.socket.bind.any", "false")
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.logging.type", "slf4j");
    foreign.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    foreign.getNetworkConfig().getJoin().getTcpIpConfig().setEnabled(true).addMember(address);
    foreign
        .getMemberAttributeConfig()
        .setAttribute("stoker.node", "future-abcd@7")
        .setAttribute("stoker.wire", "99")
        .setAttribute("stoker.version", "42.0");
    HazelcastInstance member = Hazelcast.newHazelcastInstance(foreign);
    try (StokerProcess newcomer = run(home("newcomer"))) {
      assertThat(newcomer.exitCode()).isEqualTo(2);
      assertThat(newcomer.errors().lines().filter(line -> line.startsWith("cannot join")))
          .singleElement()
          .asString()
          .contains(name, "future-abcd@7", address, "wire version 99, this one speaks 1", "42.0");
      await().atMost(JOIN_MAX).until(() -> member.getCluster().getMembers().size() == 1);
    } finally {
      member.shutdown();
    }
  }

  @Test
  void shouldBeRefusedWithACopiedDataDirectory() throws IOException {
    StokerHome original = home("original");
    try (StokerProcess stoker = serve(original)) {
      StokerHome copy = home("original-copy");
      Files.createDirectories(copy.data());
      Files.copy(original.data().resolve("node"), copy.data().resolve("node"));
      copy.config(section, "node: {name: original}", "http: {port: 0}");
      try (StokerProcess twin = run(copy)) {
        assertThat(twin.exitCode()).isEqualTo(2);
        assertThat(twin.errors()).contains("its data directory was copied");
      }
      assertThat(stoker.isAlive()).isTrue();
    }
  }

  @Test
  void shouldNameTheKeyOfAnAddressThatItDoesNotHave() {
    StokerHome home = home("stray");
    home.config("cluster: {bind: 192.0.2.7}", "http: {port: 0}");
    try (StokerProcess stray = run(home)) {
      assertThat(stray.exitCode()).isEqualTo(2);
      assertThat(stray.errors()).contains("cannot join cluster stoker", "192.0.2.7");
    }
  }

  @Test
  void shouldLoadNoHazelcastWhenAlone() throws IOException {
    Path classes = directory.resolve("classes");
    StokerHome home = home("alone");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xlog:class+load:file=" + classes,
            "-Dstoker.home=" + System.getProperty("stoker.home", "."),
            "-cp",
            System.getProperty("java.class.path"),
            "dev.stoker.Main",
            "serve",
            "--config",
            home.config().toString(),
            "--data",
            home.data().toString(),
            "--port",
            "0",
            "--management-port",
            "0");
    try (StokerProcess alone =
        StokerProcess.launch(
            new ProcessBuilder(command).directory(home.directory().toFile()),
            directory.resolve("out"),
            directory.resolve("err"))) {
      await().atMost(JOIN_MAX).until(() -> alone.output().contains("serves http"));
      assertThat(Files.readString(classes)).contains("dev.stoker.Node ");
      // Vert.x looks at the services of a class path, and so at the types in the signatures of its
      // cluster manager; Stoker's jar has no such entry.
      assertThat(Files.readAllLines(classes))
          .filteredOn(line -> line.contains("] com.hazelcast."))
          .allMatch(
              line ->
                  line.matches(
                      ".*com\\.hazelcast\\.(cluster\\.MembershipListener|config\\.Config"
                          + "|core\\.(LifecycleListener|HazelcastInstance)) .*"));
    }
    assertThat(Files.readString(home.data().resolve("epoch")).strip()).isEqualTo("1");
  }

  private StokerHome home(String node) {
    return new StokerHome(directory.resolve(node))
        .config(section, "node: {name: " + node + "}", "http: {port: 0}");
  }

  private static StokerProcess serve(StokerHome home) {
    StokerProcess stoker = run(home);
    await()
        .atMost(JOIN_MAX)
        .failFast(() -> assertThat(stoker.isAlive()).as(stoker.errors()).isTrue())
        .until(() -> stoker.output().contains("serves http"));
    return stoker;
  }

  private static StokerProcess run(StokerHome home) {
    return StokerProcess.run(
        home,
        List.of(
            "serve",
            "--cluster",
            "--config",
            home.config().toString(),
            "--catalog",
            home.catalog().toString(),
            "--data",
            home.data().toString(),
            "--management-port",
            "0"));
  }

  private static void awaitLog(StokerProcess stoker, String... words) {
    await()
        .atMost(JOIN_MAX)
        .untilAsserted(
            () ->
                assertThat((stoker.output() + stoker.errors()).lines())
                    .anySatisfy(line -> assertThat(line).contains(words)));
  }
}
