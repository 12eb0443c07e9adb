package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.cluster.MemberProcess.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members in JVMs of their own, on loopback. */
@Tag("patient")
class ClusterMembershipIT {
  private static final Duration KILLED_MAX = Duration.ofSeconds(10);
  private static final Duration HUNG_MAX = Duration.ofSeconds(15);
  private static final Duration WHOLE_MAX = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;
  private MemberGroup group;

  @BeforeEach
  void open() {
    group = new MemberGroup(directory);
  }

  @AfterEach
  void close() {
    group.close();
  }

  @Test
  void shouldJoinAndHearEachOther() {
    List<MemberProcess> all = group.join("a@1", "b@1", "c@1");

    MemberGroup.awaitBus(SOON, all);
  }

  @Test
  void shouldNoticeAKilledMember() {
    List<MemberProcess> all = group.join("a@1", "b@1", "c@1");

    all.get(0).signal("KILL");

    MemberGroup.awaitTogether(KILLED_MAX, all.subList(1, 3));
    MemberGroup.awaitBus(SOON, all.subList(1, 3));
  }

  @Test
  void shouldTellTheLivesOfANodeApart() {
    List<MemberProcess> all = group.join("a@1", "b@1");
    all.get(1).signal("KILL");

    MemberProcess reborn = group.launch("b@2").awaitReady();

    List<MemberProcess> now = List.of(all.get(0), reborn);
    MemberGroup.awaitTogether(SOON, now);
    MemberGroup.awaitBus(SOON, now);
    assertThat(all.get(0).ask("to.b@1")).startsWith("failed: No handlers");
  }

  @Test
  void shouldForgetAMemberThatLeaves() {
    List<MemberProcess> all = group.join("a@1", "b@1");

    all.get(0).leave();

    MemberGroup.awaitTogether(KILLED_MAX, all.subList(1, 2));
  }

  @Test
  void shouldNoticeAHungMemberAndTakeItBackWhenItGoesOn() {
    List<MemberProcess> all = group.join("a@1", "b@1", "c@1");
    // The oldest: the others have to agree on who leads them next.
    MemberProcess hung = all.get(0);
    try {
      hung.signal("STOP");

      MemberGroup.awaitTogether(HUNG_MAX, all.subList(1, 3));
      MemberGroup.awaitBus(SOON, all.subList(1, 3));
    } finally {
      hung.signal("CONT");
    }
    await().atMost(WHOLE_MAX).until(hung::hasMerged);
    MemberGroup.awaitTogether(WHOLE_MAX, all);
    MemberGroup.awaitBus(WHOLE_MAX, all);
  }

  @Test
  void shouldKeepStrangersOut() {
    List<MemberProcess> own = group.join("a@1");
    Start named = new Start(List.of(), group.address, group.address, group.name + "x", "", 1);
    Start secret = new Start(List.of(), group.address, group.address, group.name, "hush", 1);

    MemberProcess ofOtherName = group.launch("b@1", named);
    MemberProcess ofASecret = group.launch("c@1", secret);
    MemberProcess ofTheSecretToo = group.launch("d@1", secret);
    ofOtherName.awaitReady();
    ofASecret.awaitReady();
    ofTheSecretToo.awaitReady();

    MemberGroup.awaitTogether(SOON, List.of(ofASecret, ofTheSecretToo));
    MemberGroup.awaitTogether(SOON, List.of(ofOtherName));
    MemberGroup.awaitTogether(SOON, own);
    assertThat(own.get(0).ask("to.c@1")).startsWith("failed: No handlers");
  }

  @Test
  void shouldRefuseToRecordWithoutEnoughMembers() {
    Start two = new Start(List.of(), group.address, group.address, group.name, "", 2);
    MemberProcess first = group.launch("a@1", two).awaitReady();
    await().atMost(SOON).until(() -> first.quorum().equals("false"));

    MemberProcess second = group.launch("b@1", two).awaitReady();
    MemberGroup.awaitTogether(SOON, List.of(first, second));
    assertThat(first.quorum()).isEqualTo("true");

    second.signal("KILL");
    await().atMost(KILLED_MAX).until(() -> first.quorum().equals("false"));
  }
}
