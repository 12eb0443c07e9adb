package dev.stoker.cluster;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.stoker.cluster.MemberProcess.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members that find each other by a headless service's name. Needs root, for a DNS server that the
 * C library asks.
 */
@Tag("patient")
class DnsDiscoveryIT {
  private static final Duration JOIN_MAX = Duration.ofSeconds(30);
  private static final String SERVICE = "stoker.media.svc.cluster.local";

  @TempDir Path directory;
  private final String net =
      "127.%d.%d."
          .formatted(
              ThreadLocalRandom.current().nextInt(1, 250),
              ThreadLocalRandom.current().nextInt(250));
  private NameServer names;
  private MemberGroup group;

  @BeforeEach
  void open() {
    assumeThat(Network.isPossible()).as("needs root, for a DNS server").isTrue();
    names = new NameServer(net + 1);
    group = new MemberGroup(directory);
  }

  @AfterEach
  void close() {
    if (names != null) {
      group.close();
      names.close();
    }
  }

  @Test
  void shouldFindTheAddressesOfTheServiceAndNobodyElse() {
    names.record(SERVICE, net + 2, net + 3, net + 4);
    names.record("else.media.svc.cluster.local", net + 5);

    List<MemberProcess> members =
        List.of(member("a@1", 2, SERVICE), member("b@1", 3, SERVICE), member("c@1", 4, SERVICE));
    MemberProcess stranger = member("d@1", 5, "else.media.svc.cluster.local");

    members.forEach(MemberProcess::awaitReady);
    MemberGroup.awaitTogether(JOIN_MAX, members);
    MemberGroup.awaitBus(JOIN_MAX, members);
    MemberGroup.awaitTogether(JOIN_MAX, List.of(stranger.awaitReady()));
  }

  private MemberProcess member(String node, int host, String service) {
    Map<String, String> environment =
        Map.of(
            "STOKER_CLUSTER_NAME",
            group.name,
            "STOKER_CLUSTER_BIND",
            net + host,
            "STOKER_CLUSTER_DISCOVERY",
            "kubernetes",
            "STOKER_CLUSTER_KUBERNETES_DNS",
            service);
    Start configured = Start.configured(environment, directory.resolve(node));
    List<String> prefix = new ArrayList<>(names.prefix(directory));
    prefix.addAll(configured.prefix());
    return group.launch(node, new Start(prefix, "", configured.members(), "", "", 1));
  }
}
