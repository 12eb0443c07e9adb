package dev.stoker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.executor.AttemptEvent.Collected;
import dev.stoker.executor.AttemptEvent.PrepareFailed;
import dev.stoker.executor.AttemptEvent.Prepared;
import dev.stoker.executor.AttemptEvent.ProcessEnded;
import dev.stoker.executor.AttemptEvent.ProcessStarted;
import dev.stoker.executor.AttemptEvent.StartFailed;
import dev.stoker.executor.AttemptEvent.Stop;
import dev.stoker.executor.AttemptState.Abandoned;
import dev.stoker.executor.AttemptState.Action;
import dev.stoker.executor.AttemptState.Collecting;
import dev.stoker.executor.AttemptState.Done;
import dev.stoker.executor.AttemptState.Preparing;
import dev.stoker.executor.AttemptState.Running;
import dev.stoker.executor.AttemptState.Starting;
import dev.stoker.executor.AttemptState.Step;
import dev.stoker.executor.AttemptState.Stopping;
import dev.stoker.process.ProcessEnd;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Signals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class AttemptStateTest {
  private static final ProcessEnd WELL = end(new Exit.Code(0));
  private static final Outcome CANCELLED = new Outcome.Cancelled("asked");
  private static final Outcome SUCCESS = new Outcome.Succeeded();
  private static final Outcome MISSING = new Outcome.Failed("output 'x' is missing");

  private static final List<AttemptState> STATES =
      List.of(
          new Preparing(),
          new Abandoned(CANCELLED),
          new Starting(),
          new Running(),
          new Stopping(CANCELLED),
          new Collecting(SUCCESS, WELL),
          new Done(SUCCESS));
  private static final List<AttemptEvent> EVENTS =
      List.of(
          new Prepared(),
          new PrepareFailed("disk full"),
          new ProcessStarted(),
          new StartFailed("no such file"),
          new Stop(CANCELLED),
          new ProcessEnded(WELL),
          new Collected(null));

  /** Every pair that is allowed; each other one must throw. */
  private static Map<AttemptState, Map<AttemptEvent, Step>> allowed() {
    Map<AttemptState, Map<AttemptEvent, Step>> table = new HashMap<>();
    table.put(
        STATES.get(0),
        Map.of(
            EVENTS.get(0), new Step(new Starting(), Action.START),
            EVENTS.get(1),
                new Step(new Done(new Outcome.SandboxFailed("disk full")), Action.FINISH),
            EVENTS.get(4), new Step(new Abandoned(CANCELLED), Action.NONE)));
    table.put(
        STATES.get(1),
        Map.of(
            EVENTS.get(0), new Step(new Done(CANCELLED), Action.FINISH),
            EVENTS.get(1), new Step(new Done(CANCELLED), Action.FINISH),
            EVENTS.get(4), new Step(new Abandoned(CANCELLED), Action.NONE)));
    table.put(
        STATES.get(2),
        Map.of(
            EVENTS.get(2), new Step(new Running(), Action.ANNOUNCE),
            EVENTS.get(3),
                new Step(new Done(new Outcome.SandboxFailed("no such file")), Action.FINISH),
            EVENTS.get(4), new Step(new Stopping(CANCELLED), Action.STOP)));
    table.put(
        STATES.get(3),
        Map.of(
            EVENTS.get(4), new Step(new Stopping(CANCELLED), Action.STOP),
            EVENTS.get(5), new Step(new Collecting(SUCCESS, WELL), Action.COLLECT)));
    table.put(
        STATES.get(4),
        Map.of(
            EVENTS.get(2), new Step(new Stopping(CANCELLED), Action.ANNOUNCE),
            EVENTS.get(3), new Step(new Done(CANCELLED), Action.FINISH),
            EVENTS.get(4), new Step(new Stopping(CANCELLED), Action.NONE),
            EVENTS.get(5), new Step(new Collecting(CANCELLED, WELL), Action.COLLECT)));
    table.put(
        STATES.get(5),
        Map.of(
            EVENTS.get(4), new Step(new Collecting(SUCCESS, WELL), Action.NONE),
            EVENTS.get(6), new Step(new Done(SUCCESS), Action.FINISH)));
    table.put(STATES.get(6), Map.of(EVENTS.get(4), new Step(new Done(SUCCESS), Action.NONE)));
    return table;
  }

  @TestFactory
  List<DynamicTest> shouldDecideEveryPairOfStateAndEvent() {
    List<DynamicTest> pairs = new ArrayList<>();
    for (AttemptState state : STATES) {
      for (AttemptEvent event : EVENTS) {
        Step expected = allowed().getOrDefault(state, Map.of()).get(event);
        pairs.add(
            DynamicTest.dynamicTest(
                state + " on " + event,
                () -> {
                  if (expected == null) {
                    assertThatThrownBy(() -> state.on(event))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(event + " cannot happen in " + state);
                  } else {
                    assertThat(state.on(event)).isEqualTo(expected);
                  }
                }));
      }
    }
    return pairs;
  }

  @Test
  void shouldFailARunThatExitsWithACode() {
    Step step = new Running().on(new ProcessEnded(end(new Exit.Code(3))));

    assertThat(step.next())
        .isEqualTo(new Collecting(new Outcome.Failed("exit code 3"), end(new Exit.Code(3))));
  }

  @Test
  void shouldFailARunThatASignalEnded() {
    ProcessEnd killed = end(Signals.byNumber(11));

    Step step = new Running().on(new ProcessEnded(killed));

    assertThat(step.next())
        .isEqualTo(new Collecting(new Outcome.Failed("ended by SIGSEGV"), killed));
  }

  @Test
  void shouldFailASuccessWhoseOutputIsMissing() {
    Step step = new Collecting(SUCCESS, WELL).on(new Collected(MISSING));

    assertThat(step).isEqualTo(new Step(new Done(MISSING), Action.FINISH));
  }

  @Test
  void shouldKeepTheFirstReasonToStop() {
    Outcome later = new Outcome.TimedOut("deadline");

    Step step = new Stopping(CANCELLED).on(new Stop(later));

    assertThat(step.next()).isEqualTo(new Stopping(CANCELLED));
  }

  private static ProcessEnd end(Exit exit) {
    return new ProcessEnd(exit, null, 0, false, false);
  }
}
