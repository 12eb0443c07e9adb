package dev.stoker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.cluster.NodeInfo.ToolMark;
import dev.stoker.executor.NodeLoad;
import dev.stoker.run.NodeId;
import dev.stoker.tool.Tool;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FleetTest {
  private static final NodeId SELF = new NodeId("self", 1);
  private static final NodeId A = new NodeId("a", 1);
  private static final NodeId B = new NodeId("b", 1);
  private static final int SLOTS = 4;

  private final Tool tool = TestTools.tool("wide", SLOTS, 10);
  private final Tool narrow = TestTools.tool("narrow", 1, 10);
  private final Tool other = TestTools.tool("other", SLOTS, 10);
  private final There members = new There();
  private final Fleet fleet = new Fleet(members, SLOTS);

  @BeforeEach
  void join() {
    members.announce(info(A, false, tool, narrow, other));
    members.announce(info(B, false, tool, narrow, other));
    assertThat(fleet.refresh()).isEmpty();
  }

  @Test
  void shouldChooseTheNodeWithTheMostRoom() {
    hear(SELF, 1, 3);
    hear(A, 1, 2);
    hear(B, 1, 1);

    assertThat(fleet.choose(tool)).contains(B);
    assertThat(fleet.room(tool)).isEqualTo(1 + 2 + 3);
    assertThat(fleet.room()).isEqualTo(1 + 2 + 3);
  }

  @Test
  void shouldChooseItselfOfEquals() {
    for (int i = 0; i < 100; i++) {
      assertThat(fleet.choose(tool)).contains(SELF);
    }
  }

  @Test
  void shouldChooseAnyOfEqualOthers() {
    hear(SELF, 1, SLOTS);
    Set<NodeId> chosen = new HashSet<>();

    for (int i = 0; i < 200; i++) {
      chosen.add(fleet.choose(tool).orElseThrow());
    }

    assertThat(chosen).containsExactlyInAnyOrder(A, B);
  }

  @Test
  void shouldChooseNoneWhereNoneHasRoom() {
    hear(SELF, 1, SLOTS);
    hear(A, 1, SLOTS);
    hear(B, 1, SLOTS + 1);

    assertThat(fleet.choose(tool)).isEmpty();
    assertThat(fleet.room(tool)).isZero();
  }

  @Test
  void shouldCountWhatItHasAskedFor() {
    fleet.asked(SELF, tool);
    fleet.asked(SELF, tool);
    fleet.asked(A, tool);

    assertThat(fleet.choose(tool)).contains(B);
    assertThat(fleet.room(tool)).isEqualTo(2 + 3 + 4);
    fleet.answered(SELF, tool);
    fleet.answered(SELF, tool);
    assertThat(fleet.choose(tool)).contains(SELF);
  }

  @Test
  void shouldKeepAToolToItsPartOfEachNode() {
    fleet.asked(SELF, narrow);
    hear(new NodeLoad(A, 1, SLOTS, 1, Map.of("narrow", 1), false));

    assertThat(fleet.choose(narrow)).contains(B);
    fleet.asked(B, narrow);
    assertThat(fleet.choose(narrow)).isEmpty();
    assertThat(fleet.width(narrow)).isEqualTo(3);
    assertThat(fleet.choose(tool)).isPresent();
  }

  @Test
  void shouldNotTakeAnOlderWord() {
    hear(SELF, 1, SLOTS);
    hear(A, 5, SLOTS);
    hear(B, 5, SLOTS);

    hear(A, 4, 0);
    hear(B, 5, 0);
    assertThat(fleet.choose(tool)).isEmpty();

    hear(A, 6, 3);
    assertThat(fleet.choose(tool)).contains(A);
  }

  @Test
  void shouldAskNothingOfASilentNodeUntilItIsHeard() {
    hear(SELF, 1, SLOTS);
    hear(A, 1, 0);
    hear(B, 1, 1);

    fleet.silent(A);
    assertThat(fleet.choose(tool)).contains(B);
    hear(A, 1, 0);
    assertThat(fleet.choose(tool)).as("an old word is no sign of life").contains(B);

    hear(A, 2, 0);
    assertThat(fleet.choose(tool)).contains(A);
  }

  @Test
  void shouldNotAskForAToolWhereItWasRefusedUntilThatNodeSaysAnew() {
    hear(SELF, 1, SLOTS);
    hear(A, 1, 0);
    hear(B, 1, 1);

    fleet.refused(A, tool);
    assertThat(fleet.choose(tool)).contains(B);
    assertThat(fleet.choose(other)).as("another tool").contains(A);
    assertThat(fleet.refresh()).isEmpty();
    assertThat(fleet.choose(tool)).as("it has said nothing new").contains(B);

    members.announce(info(A, false, tool));
    assertThat(fleet.refresh()).isEmpty();
    assertThat(fleet.choose(tool)).contains(A);
  }

  @Test
  void shouldNotAskANodeThatDrains() {
    hear(SELF, 1, 2);
    hear(new NodeLoad(A, 1, SLOTS, 0, Map.of(), true));
    members.announce(info(B, true, tool, narrow));
    assertThat(fleet.refresh()).isEmpty();

    assertThat(fleet.choose(tool)).contains(SELF);
    assertThat(fleet.room(tool)).isEqualTo(2);
  }

  @Test
  void shouldNotAskANodeThatHasAnotherVersionOfTheTool() {
    hear(SELF, 1, SLOTS);
    Tool newer = TestTools.tool("wide", SLOTS - 1, 10);

    assertThat(fleet.choose(newer)).isEmpty();
    assertThat(fleet.choose(tool)).isPresent();
  }

  @Test
  void shouldSayOnceWhoIsGone() {
    hear(SELF, 1, SLOTS);
    hear(B, 1, SLOTS);

    members.leave(A);

    assertThat(fleet.refresh()).containsExactly(A);
    assertThat(fleet.refresh()).isEmpty();
    assertThat(fleet.choose(tool)).isEmpty();
    hear(A, 9, 0);
    assertThat(fleet.choose(tool)).as("news of one that is gone").isEmpty();
  }

  @Test
  void shouldBeginAnewWithANodeThatIsBack() {
    hear(SELF, 1, SLOTS);
    hear(B, 1, SLOTS);
    hear(A, 9, SLOTS);
    fleet.silent(A);
    members.leave(A);
    assertThat(fleet.refresh()).containsExactly(A);

    NodeId next = new NodeId("a", 2);
    members.announce(info(next, false, tool));
    assertThat(fleet.refresh()).isEmpty();

    assertThat(fleet.choose(tool)).contains(next);
  }

  @Test
  void shouldRunWhereTheToolIsWhenItIsNotHere() {
    Tool absent = TestTools.tool("absent", SLOTS, 10, "no-such-program-anywhere");
    assertThat(fleet.canRun(absent)).isFalse();
    assertThat(fleet.choose(absent)).isEmpty();

    members.announce(info(A, false, absent));
    assertThat(fleet.refresh()).isEmpty();

    assertThat(fleet.canRun(absent)).isTrue();
    assertThat(fleet.choose(absent)).contains(A);
    assertThat(fleet.executable(absent)).contains("program of absent");
  }

  private void hear(NodeId node, long sequence, int used) {
    hear(new NodeLoad(node, sequence, SLOTS, used, Map.of(), false));
  }

  private void hear(NodeLoad load) {
    fleet.heard(load);
  }

  private static NodeInfo info(NodeId node, boolean draining, Tool... tools) {
    Map<String, ToolMark> marks = new HashMap<>();
    for (Tool tool : tools) {
      marks.put(tool.name(), new ToolMark(tool.digest().hex(), "program of " + tool.name()));
    }
    return new NodeInfo(
        node, "1", "127.0.0.1:1", Instant.EPOCH, SLOTS, draining, "native", List.of(), marks);
  }

  /** Who a test says is there. */
  private static final class There implements Members {
    private final Map<NodeId, NodeInfo> present = new HashMap<>();

    void leave(NodeId node) {
      present.remove(node);
    }

    @Override
    public NodeId self() {
      return SELF;
    }

    @Override
    public Map<NodeId, NodeInfo> present() {
      return Map.copyOf(present);
    }

    @Override
    public boolean isClustered() {
      return true;
    }

    @Override
    public boolean hasQuorum() {
      return true;
    }

    @Override
    public void announce(NodeInfo info) {
      present.put(info.id(), info);
    }

    @Override
    public void onChange(Runnable listener) {
      throw new UnsupportedOperationException("a fleet is told by its owner");
    }
  }
}
