package dev.stoker.executor;

import dev.stoker.cluster.Members;
import dev.stoker.executor.AttemptNews.Held;
import dev.stoker.executor.AttemptNews.OfRun;
import dev.stoker.executor.ExecutorMessage.Adopt;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the runs of other homes only as long as somebody answers for them. Confined to the
 * executor's context.
 *
 * <p>A run whose home is gone is ended: soon when its caller went with the home, else when no
 * survivor has taken it over in time. An end that no home has heard is kept as long.
 */
final class Leases {
  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  /** How long a survivor may take to take a run over. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  /** A home that is away for less than this may only have been missed. */
  private static final Duration BLINK = Duration.ofSeconds(2);

  private final Members members;
  private final HomeLink homes;
  private final Map<RunId, Attempt> attempts;
  private final Map<RunId, Untold> untold = new HashMap<>();
  private final Map<NodeId, Long> absentSinceNanos = new HashMap<>();

  Leases(Members members, HomeLink homes, Map<RunId, Attempt> attempts) {
    this.members = members;
    this.homes = homes;
    this.attempts = attempts;
  }

  private record Untold(NodeId home, Command command, int attempt, OfRun end) {}

  /** Whether somebody may still answer for the run when its home is gone. */
  static boolean outlivesItsHome(Command command) {
    return command.isDurable();
  }

  /** Keeps the end of an attempt until a home hears it. */
  void keep(Attempt attempt, OfRun end) {
    if (outlivesItsHome(attempt.command()) || members.isPresent(attempt.home())) {
      untold.put(
          attempt.command().id(),
          new Untold(attempt.home(), attempt.command(), attempt.order().order().attempt(), end));
    }
  }

  /** Ends that no home has heard. */
  int untold() {
    return untold.size();
  }

  /** A home has heard of an end. */
  void heard(RunId run, OfRun end) {
    Untold kept = untold.get(run);
    if (kept != null && kept.end.equals(end)) {
      untold.remove(run);
    }
  }

  /**
   * The end of an attempt that no home has heard, for its new home; it is told again until that one
   * has heard it.
   */
  Optional<OfRun> endFor(Adopt adopt) {
    Untold kept = untold.get(adopt.run());
    if (kept == null || kept.attempt != adopt.attempt()) {
      return Optional.empty();
    }
    OfRun end = kept.end.at(adopt.placement());
    untold.put(adopt.run(), new Untold(adopt.home(), kept.command, kept.attempt, end));
    return Optional.of(end);
  }

  /** Renews what is held, tells what was not heard, and ends what nobody answers for. */
  void renew(NodeLoad load) {
    Map<NodeId, List<Held>> held = new HashMap<>();
    attempts.forEach(
        (run, attempt) -> {
          if (!homes.isHere(attempt.home())) {
            held.computeIfAbsent(attempt.home(), home -> new ArrayList<>())
                .add(new Held(run, attempt.placement()));
          }
        });
    untold.forEach(
        (run, kept) -> {
          if (homes.isHere(kept.home)) {
            tellAgain(kept);
          } else {
            held.computeIfAbsent(kept.home, home -> new ArrayList<>())
                .add(new Held(run, kept.end.placement()));
          }
        });
    absentSinceNanos.keySet().removeIf(home -> !held.containsKey(home) || members.isPresent(home));
    held.forEach(
        (home, runs) -> {
          if (members.isPresent(home)) {
            pulse(home, runs, load);
          } else {
            orphaned(home, absentSinceNanos.computeIfAbsent(home, h -> System.nanoTime()));
          }
        });
  }

  private void pulse(NodeId home, List<Held> runs, NodeLoad load) {
    List.copyOf(untold.values()).stream()
        .filter(kept -> kept.home.equals(home))
        .forEach(this::tellAgain);
    homes
        .pulse(home, new AttemptNews.Pulse(members.self(), runs, load))
        .onSuccess(disowned -> disowned.runs().forEach(run -> disown(home, run)))
        .onFailure(e -> LOG.debug("{} does not answer for its runs", home, e));
  }

  private void tellAgain(Untold kept) {
    homes.ask(kept.home, kept.end).onSuccess(heard -> heard(kept.command.id(), kept.end));
  }

  private void disown(NodeId home, RunId run) {
    Untold kept = untold.get(run);
    if (kept != null && kept.home.equals(home)) {
      untold.remove(run);
    }
    Attempt attempt = attempts.get(run);
    if (attempt != null && attempt.home().equals(home)) {
      RunLog.of(LOG.atWarn(), attempt.command())
          .log("the run is ended: {} does not answer for it any more", home);
      attempt.stop(new Outcome.Cancelled("its home has given it up"));
    }
  }

  private void orphaned(NodeId home, long sinceNanos) {
    long absentNanos = System.nanoTime() - sinceNanos;
    boolean late = absentNanos > PATIENCE.toNanos();
    boolean gone = absentNanos > BLINK.toNanos();
    if (late) {
      untold.values().removeIf(kept -> kept.home.equals(home));
    }
    for (Attempt attempt : List.copyOf(attempts.values())) {
      if (attempt.home().equals(home) && (late || (gone && !outlivesItsHome(attempt.command())))) {
        attempt.stop(new Outcome.Lost("the node that answered for it is gone"));
      }
    }
  }
}
