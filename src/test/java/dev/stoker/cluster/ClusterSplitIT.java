package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.stoker.cluster.MemberProcess.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members on hosts of their own: network namespaces on a bridge, whose links are cut. Needs root.
 */
@Tag("patient")
class ClusterSplitIT {
  private static final Duration PARTED_MAX = Duration.ofSeconds(6);
  private static final Duration DEAF_MAX = Duration.ofSeconds(20);
  private static final Duration WHOLE_MAX = Duration.ofSeconds(15);

  @TempDir Path directory;
  private Network network;
  private MemberGroup group;

  @BeforeEach
  void open() {
    assumeThat(Network.isPossible()).as("needs root, for network namespaces").isTrue();
    network = Network.open(3);
    group = new MemberGroup(directory);
  }

  @AfterEach
  void close() {
    if (network != null) {
      group.close();
      network.close();
    }
  }

  @Test
  void shouldBeWholeAgainAfterALinkWasCut() {
    List<MemberProcess> all = start(3);
    List<MemberProcess> larger = all.subList(0, 2);
    List<MemberProcess> smaller = all.subList(2, 3);

    network.cut(2);
    MemberGroup.awaitTogether(PARTED_MAX, larger);
    MemberGroup.awaitTogether(PARTED_MAX, smaller);
    MemberGroup.awaitBus(WHOLE_MAX, larger);

    network.mend(2);
    MemberGroup.awaitTogether(WHOLE_MAX, all);
    MemberGroup.awaitBus(Duration.ofSeconds(5), all);
    assertThat(all).filteredOn(MemberProcess::hasMerged).hasSize(1);
  }

  @Test
  void shouldBeWholeAgainWhereNoSideIsLarger() {
    List<MemberProcess> both = start(2);

    network.cut(0);
    MemberGroup.awaitTogether(PARTED_MAX, both.subList(0, 1));
    MemberGroup.awaitTogether(PARTED_MAX, both.subList(1, 2));

    network.mend(0);
    MemberGroup.awaitTogether(WHOLE_MAX, both);
    MemberGroup.awaitBus(Duration.ofSeconds(5), both);
  }

  @Test
  void shouldBeWholeAgainAfterAMemberHeardNothing() {
    List<MemberProcess> all = start(3);

    network.deafen(0);
    MemberGroup.awaitTogether(DEAF_MAX, all.subList(1, 3));

    network.undeafen(0);
    MemberGroup.awaitTogether(WHOLE_MAX, all);
    MemberGroup.awaitBus(Duration.ofSeconds(5), all);
  }

  private List<MemberProcess> start(int hosts) {
    List<MemberProcess> members = new ArrayList<>();
    // Some are always dead: they must not hold up the search for the others.
    String list = String.join(",", network.addresses()) + ",10.77.0.101,10.77.0.102,10.77.0.103";
    for (int host = 0; host < hosts; host++) {
      Start start =
          new Start(network.prefix(host), network.addresses().get(host), list, group.name, "", 1);
      members.add(group.launch((char) ('a' + host) + "@1", start));
    }
    members.forEach(MemberProcess::awaitReady);
    MemberGroup.awaitTogether(MemberGroup.JOIN_MAX, members);
    MemberGroup.awaitBus(WHOLE_MAX, members);
    return members;
  }
}
