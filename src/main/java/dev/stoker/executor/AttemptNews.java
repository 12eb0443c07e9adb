package dev.stoker.executor;

import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.util.List;

/** What an executor tells a run's home. Immutable. */
public sealed interface AttemptNews {
  /** What the executor has to do, as of this news. */
  NodeLoad load();

  /**
   * News of one attempt: one {@code Starting} and one {@code Started} at most, then one of the
   * others.
   */
  sealed interface OfRun extends AttemptNews {
    RunRecord record();

    /** As in the order. */
    int placement();

    /** The same of another placement: its home has changed. */
    default OfRun at(int number) {
      return switch (this) {
        case Starting s -> new Starting(s.record, number, s.load);
        case Started s -> new Started(s.record, number, s.load);
        case Ended e -> new Ended(e.record, number, false, e.load);
        case TryAgain t -> new TryAgain(t.record, number, t.load);
        case NotBegun n -> new NotBegun(n.record, number, n.reason, n.load);
      };
    }
  }

  /**
   * The process is about to be started. A question: it begins when this is answered, and not when
   * it is answered with a failure.
   */
  record Starting(RunRecord record, int placement, NodeLoad load) implements OfRun {}

  /** The process runs. */
  record Started(RunRecord record, int placement, NodeLoad load) implements OfRun {}

  /**
   * All is over. Answered when it need not be told again.
   *
   * @param cacheable whether it was made by the very program that the order's key is about
   */
  record Ended(RunRecord record, int placement, boolean cacheable, NodeLoad load)
      implements OfRun {}

  /** The attempt failed in a way after which the tool is tried again. Answered likewise. */
  record TryAgain(RunRecord record, int placement, NodeLoad load) implements OfRun {}

  /**
   * It did not begin, and not for a fault of the run: the home did not answer, or what it needs
   * could not be brought here. Answered likewise.
   */
  record NotBegun(RunRecord record, int placement, String reason, NodeLoad load) implements OfRun {}

  /** A slot is free again. */
  record Freed(NodeLoad load) implements AttemptNews {}

  /**
   * What the executor has of the home's: renews the runs' leases. The answer is {@link Disowned}.
   */
  record Pulse(NodeId executor, List<Held> held, NodeLoad load) implements AttemptNews {
    public Pulse {
      held = List.copyOf(held);
    }
  }

  /** A run that an executor has, or has the end of. */
  record Held(RunId run, int placement) {}

  /** Runs that are not the asked one's any more: they are to be ended. */
  record Disowned(List<RunId> runs) {
    public Disowned {
      runs = List.copyOf(runs);
    }
  }
}
