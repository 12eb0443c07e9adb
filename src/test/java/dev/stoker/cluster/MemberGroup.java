package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.cluster.MemberProcess.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** Members on a loopback address and under a cluster name that no other test has. */
final class MemberGroup implements AutoCloseable {
  static final Duration JOIN_MAX = Duration.ofSeconds(60);

  private final Path directory;
  private final List<MemberProcess> members = new CopyOnWriteArrayList<>();
  final String name = "test-" + UUID.randomUUID();
  final String address;

  MemberGroup(Path directory) {
    this.directory = directory;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    this.address =
        "127.%d.%d.%d"
            .formatted(random.nextInt(1, 250), random.nextInt(250), random.nextInt(2, 250));
  }

  MemberProcess launch(String node) {
    return launch(node, new Start(List.of(), address, address, name, "", 1));
  }

  MemberProcess launch(String node, Start start) {
    MemberProcess member = MemberProcess.launch(directory, node, start);
    members.add(member);
    return member;
  }

  /** All of them at once, and each sees all. */
  List<MemberProcess> join(String... nodes) {
    List<MemberProcess> joined = new CopyOnWriteArrayList<>();
    for (String node : nodes) {
      joined.add(launch(node));
    }
    joined.forEach(MemberProcess::awaitReady);
    awaitTogether(JOIN_MAX, joined);
    return joined;
  }

  /** Each sees exactly these. */
  static void awaitTogether(Duration max, List<MemberProcess> members) {
    String all =
        members.stream().map(MemberProcess::node).sorted().collect(Collectors.joining(" "));
    await()
        .atMost(max)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () ->
                assertThat(members)
                    .extracting(MemberProcess::present)
                    .allSatisfy(present -> assertThat(present).isEqualTo(all)));
  }

  /** Requests arrive, from each at each. */
  static void awaitBus(Duration max, List<MemberProcess> members) {
    await()
        .atMost(max)
        .untilAsserted(
            () -> {
              for (MemberProcess from : members) {
                for (MemberProcess to : members) {
                  assertThat(from.ask("to." + to.node()))
                      .as("%s asks %s", from.node(), to.node())
                      .isEqualTo(to.node());
                }
              }
            });
  }

  @Override
  public void close() {
    members.forEach(MemberProcess::close);
  }
}
