package dev.stoker.nemesis;

import dev.stoker.nemesis.Evidence.AtRest;
import dev.stoker.nemesis.Evidence.Told;
import dev.stoker.nemesis.LoadTool.Caching;
import dev.stoker.nemesis.Report.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds broken promises in what was seen. Says nothing wrong of a cluster that keeps them: what
 * cannot be known, such as the end of a process that was killed, is taken in its favour.
 *
 * <p>Used once, by one thread.
 */
final class Checker {
  private final Evidence evidence;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, Long> counts = new HashMap<>();
  private final Map<String, LoadTool> accepted = new LinkedHashMap<>();
  private final Map<String, Set<State>> outcomes = new LinkedHashMap<>();
  private final Map<String, List<Execution>> executions = new LinkedHashMap<>();

  private Checker(Evidence evidence) {
    this.evidence = evidence;
  }

  static Report check(Evidence evidence) {
    return new Checker(evidence).check();
  }

  private Report check() {
    gather();
    acceptedRunsEnd();
    oneOutcome();
    neverDenied();
    oneRunOfAKey();
    begun();
    successWasMade();
    new Caps(evidence).check(violations, counts);
    atRest();
    count();
    return new Report(counts, violations);
  }

  private void gather() {
    for (Event event : evidence.events()) {
      String run = event.run();
      if (run != null && event.accepts()) {
        accepted.put(run, event.tool());
      }
      saw(run, event.state());
    }
    evidence.told().forEach(told -> saw(told.run(), told.state()));
    for (Execution execution : evidence.executions()) {
      executions.computeIfAbsent(execution.run(), _ -> new ArrayList<>()).add(execution);
    }
  }

  private void saw(@Nullable String run, @Nullable State state) {
    if (run != null && state != null && state.terminal()) {
      outcomes.computeIfAbsent(run, _ -> new LinkedHashSet<>()).add(state);
    }
  }

  private void acceptedRunsEnd() {
    Set<String> asked = new TreeSet<>();
    for (Told told : evidence.told()) {
      asked.add(told.run());
      State state = told.state();
      if (state == null) {
        broken(Rule.ACCEPTED_RUN_ENDS, told.place() + " has lost " + named(told.run()));
      } else if (!state.terminal()) {
        broken(
            Rule.ACCEPTED_RUN_ENDS,
            told.place() + " says that " + named(told.run()) + " is " + state.name());
      }
    }
    accepted.keySet().stream()
        .filter(run -> !asked.contains(run))
        .forEach(run -> broken(Rule.ACCEPTED_RUN_ENDS, "nobody tells of " + named(run)));
  }

  private void oneOutcome() {
    outcomes.forEach(
        (run, states) -> {
          if (states.size() > 1) {
            broken(Rule.ONE_OUTCOME, named(run) + " has ended as " + states);
          }
        });
  }

  private void neverDenied() {
    Map<String, Long> answered = new HashMap<>();
    evidence.events().stream()
        .filter(Event::accepts)
        .forEach(event -> answered.merge(idOf(event), event.answeredMillis(), Math::min));
    evidence.events().stream()
        .filter(event -> event.status() == 404 && answered.containsKey(idOf(event)))
        .filter(event -> answered.getOrDefault(idOf(event), 0L) <= event.sentMillis())
        .forEach(
            event ->
                broken(
                    Rule.NEVER_DENIED,
                    "node " + event.node() + " knew nothing of " + named(idOf(event))));
  }

  private static String idOf(Event event) {
    return Objects.requireNonNullElse(event.run(), "");
  }

  private void oneRunOfAKey() {
    Map<String, Set<String>> runs = new TreeMap<>();
    for (Event event : evidence.events()) {
      String key = event.key();
      String run = event.run();
      if (key != null && run != null) {
        runs.computeIfAbsent(key, _ -> new TreeSet<>()).add(run);
      }
    }
    runs.forEach(
        (key, of) -> {
          if (of.size() > 1) {
            broken(Rule.ONE_RUN_OF_A_KEY, key + " is " + of);
          }
        });
  }

  private void begun() {
    executions.forEach(
        (run, of) -> {
          LoadTool tool = of.getFirst().tool();
          if (of.size() > tool.attempts()) {
            broken(
                Rule.NOT_BEGUN_AGAIN,
                tool.label() + " " + run + " was begun " + of.size() + " times: " + of);
          }
        });
  }

  private void successWasMade() {
    Map<String, LoadTool> tools = new HashMap<>();
    evidence.events().stream()
        .filter(event -> event.run() != null)
        .forEach(event -> tools.put(idOf(event), event.tool()));
    outcomes.forEach(
        (run, states) -> {
          LoadTool tool = tools.get(run);
          if (tool != null && tool.caching() == Caching.NEVER) {
            states.stream()
                .filter(state -> state.name().equals("succeeded") && !wasMade(run, state))
                .forEach(
                    state ->
                        broken(
                            Rule.SUCCESS_WAS_MADE,
                            named(run) + " is told as " + state + ", but nobody made that"));
          }
        });
  }

  private boolean wasMade(String run, State state) {
    return executions.getOrDefault(run, List.of()).stream()
        .anyMatch(
            execution -> execution.complete() && state.result().equals("0 " + execution.pid()));
  }

  private void atRest() {
    for (AtRest node : evidence.nodes()) {
      if (node.slotsUsed() != 0 || node.queued() != 0) {
        broken(
            Rule.NO_SLOT_LEAKED,
            node.node()
                + " uses "
                + node.slotsUsed()
                + " of "
                + node.slots()
                + " slots and has "
                + node.queued()
                + " waiting, at rest");
      }
    }
    evidence.left().forEach(process -> broken(Rule.NO_PROCESS_LEFT, process));
  }

  private void count() {
    counts.put("accepted", (long) accepted.size());
    counts.put("processes", (long) evidence.executions().size());
    counts.put("disturbances", (long) evidence.disturbances().size());
    for (Event event : evidence.events()) {
      counts.merge(
          event.kind().name().toLowerCase(Locale.ROOT)
              + " "
              + (event.status() == Event.NONE ? "unanswered" : event.status()),
          1L,
          Long::sum);
    }
    accepted.keySet().stream()
        .flatMap(run -> outcomes.getOrDefault(run, Set.of()).stream().limit(1))
        .collect(Collectors.groupingBy(State::name, Collectors.counting()))
        .forEach((state, number) -> counts.put("ended " + state, number));
  }

  private String named(String run) {
    LoadTool tool = accepted.get(run);
    return (tool == null ? "" : tool.label() + " ") + run;
  }

  private void broken(Rule rule, String what) {
    violations.add(new Violation(rule, what));
  }
}
