package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.nemesis.Event.Kind;
import dev.stoker.nemesis.Evidence.AtRest;
import dev.stoker.nemesis.Evidence.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A good history is good; each way of spoiling it is found, and only that. */
class CheckerTest {
  private static final State MADE = State.ended("succeeded", "0 71");
  private static final State LOST = State.ended("lost", "null ");

  @Test
  void shouldSayNothingOfAGoodHistory() {
    Report report = Checker.check(new Story().evidence());

    assertThat(report.violations()).isEmpty();
    assertThat(report.counts())
        .containsEntry("accepted", 2L)
        .containsEntry("ended succeeded", 1L)
        .containsEntry("ended lost", 1L)
        .containsEntry("at once capped", 3L);
    assertThat(report.toString()).contains("accepted 2");
  }

  @TestFactory
  List<DynamicTest> shouldFindWhatIsBroken() {
    return List.of(
        spoilt(
            "a run that is still queued",
            Rule.ACCEPTED_RUN_ENDS,
            story -> {
              story.told.set(0, new Told("n0", "one", State.going("queued")));
            }),
        spoilt(
            "a run that a node forgot",
            Rule.ACCEPTED_RUN_ENDS,
            story -> {
              story.told.set(0, new Told("n0", "one", null));
            }),
        spoilt(
            "a run that nobody was asked for",
            Rule.ACCEPTED_RUN_ENDS,
            story -> {
              story.told.removeIf(told -> told.run().equals("one"));
            }),
        spoilt(
            "nodes that differ",
            Rule.ONE_OUTCOME,
            story -> {
              story.told.set(0, new Told("n0", "one", LOST));
            }),
        spoilt(
            "a client that saw it otherwise before",
            Rule.ONE_OUTCOME,
            story -> {
              story.events.add(event(Kind.READ, null, 200, "one", LOST));
            }),
        spoilt(
            "one state with two results",
            Rule.ONE_OUTCOME,
            story -> {
              story.executions.add(new Execution(LoadTool.AGAIN, 1, "three", 81, 10, 20L));
              story.executions.add(new Execution(LoadTool.AGAIN, 1, "three", 82, 10, 20L));
              story.events.add(read(LoadTool.AGAIN, "three", State.ended("succeeded", "0 81")));
              story.events.add(read(LoadTool.AGAIN, "three", State.ended("succeeded", "0 82")));
            }),
        spoilt(
            "a run that is denied",
            Rule.NEVER_DENIED,
            story -> {
              story.events.add(event(Kind.READ, null, 404, "one", null));
            }),
        spoilt(
            "a key with two runs",
            Rule.ONE_RUN_OF_A_KEY,
            story -> {
              story.events.add(event(Kind.ASYNC, "key1", 202, "two", State.going("queued")));
            }),
        spoilt(
            "a run begun twice",
            Rule.NOT_BEGUN_AGAIN,
            story -> {
              story.executions.add(new Execution(LoadTool.ONCE, 2, "one", 72, 300, null));
            }),
        spoilt(
            "a run begun more often than its tool allows",
            Rule.NOT_BEGUN_AGAIN,
            story -> {
              for (int pid = 1; pid <= 4; pid++) {
                story.executions.add(new Execution(LoadTool.AGAIN, 2, "four", pid, 300, null));
              }
            }),
        spoilt(
            "a success without a process",
            Rule.SUCCESS_WAS_MADE,
            story -> {
              story.executions.removeIf(execution -> execution.run().equals("one"));
            }),
        spoilt(
            "a success of a process that was killed",
            Rule.SUCCESS_WAS_MADE,
            story -> {
              story.executions.set(0, new Execution(LoadTool.ONCE, 0, "one", 71, 110, null));
            }),
        spoilt(
            "too many at once",
            Rule.CAP_HELD,
            story -> {
              story.executions.add(new Execution(LoadTool.CAPPED, 1, "c3", 94, 150, 160L));
            }),
        spoilt(
            "too many for any number of nodes",
            Rule.CAP_HELD_BY_EACH,
            story -> {
              story.disturbances.add(new Disturbance(0, "cut", 0, 1000));
              for (int pid = 101; pid <= 104; pid++) {
                story.executions.add(new Execution(LoadTool.CAPPED, 0, "d" + pid, pid, 150, 160L));
              }
            }),
        spoilt(
            "a slot that is not given back",
            Rule.NO_SLOT_LEAKED,
            story -> {
              story.nodes.set(0, new AtRest("n0", 8, 1, 0));
            }),
        spoilt(
            "a queue that stands",
            Rule.NO_SLOT_LEAKED,
            story -> {
              story.nodes.set(1, new AtRest("n1", 8, 0, 2));
            }),
        spoilt(
            "a process that lives on",
            Rule.NO_PROCESS_LEFT,
            story -> {
              story.left.add("4711 of n0-abcd/one");
            }));
  }

  @Test
  void shouldAllowWhatCannotBeKnown() {
    Story story = new Story();
    // A denied run before it was accepted, a process of a node that was cut off, a sync run of
    // which nobody was told, a killed process of a capped tool.
    story.events.add(new Event(Kind.READ, LoadTool.ONCE, null, 0, 10, 11, 404, "one", null));
    story.disturbances.add(new Disturbance(2, "cut", 100, 200));
    story.executions.add(new Execution(LoadTool.CAPPED, 2, "c3", 94, 150, 160L));
    story.events.add(event(Kind.SYNC, null, Event.NONE, null, null));
    story.executions.add(new Execution(LoadTool.CAPPED, 0, "c4", 95, 150, null));

    assertThat(Checker.check(story.evidence()).violations()).isEmpty();
  }

  private static DynamicTest spoilt(String what, Rule rule, Consumer<Story> spoil) {
    return DynamicTest.dynamicTest(
        what,
        () -> {
          Story story = new Story();
          spoil.accept(story);

          Report report = Checker.check(story.evidence());

          assertThat(report.broken()).as(report.toString()).containsExactly(rule);
          assertThat(report.toString()).contains(rule.name());
        });
  }

  private static Event read(LoadTool tool, String run, State state) {
    return new Event(Kind.READ, tool, null, 0, 200, 210, 200, run, state);
  }

  private static Event event(
      Kind kind, @Nullable String key, int status, @Nullable String run, @Nullable State state) {
    return new Event(kind, LoadTool.ONCE, key, 0, 200, 210, status, run, state);
  }

  /** Two accepted runs, one made and one lost, and a capped tool at its bound, on two nodes. */
  private static final class Story {
    private final List<Event> events = new ArrayList<>();
    private final List<Execution> executions = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();
    private final List<AtRest> nodes = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private final List<Disturbance> disturbances = new ArrayList<>();

    Story() {
      events.add(
          new Event(
              Kind.ASYNC, LoadTool.ONCE, "key1", 0, 90, 100, 202, "one", State.going("queued")));
      events.add(
          new Event(
              Kind.ASYNC, LoadTool.ONCE, "key2", 1, 90, 100, 202, "two", State.going("queued")));
      events.add(event(Kind.READ, null, 200, "one", State.going("running")));
      events.add(event(Kind.READ, null, 200, "one", MADE));
      executions.add(new Execution(LoadTool.ONCE, 0, "one", 71, 110, 120L));
      executions.add(new Execution(LoadTool.ONCE, 1, "two", 73, 110, null));
      for (int i = 0; i < 3; i++) {
        executions.add(new Execution(LoadTool.CAPPED, i % 2, "c" + i, 91 + i, 100, 200L));
      }
      executions.add(new Execution(LoadTool.CAPPED, 1, "c9", 99, 200, 300L));
      for (String place : List.of("n0", "n1")) {
        told.add(new Told(place, "one", MADE));
        told.add(new Told(place, "two", LOST));
        nodes.add(new AtRest(place, 8, 0, 0));
      }
    }

    Evidence evidence() {
      return new Evidence(events, executions, told, nodes, left, disturbances);
    }
  }
}
