package dev.stoker.executor;

import dev.stoker.executor.AttemptEvent.Collected;
import dev.stoker.executor.AttemptEvent.PrepareFailed;
import dev.stoker.executor.AttemptEvent.Prepared;
import dev.stoker.executor.AttemptEvent.ProcessEnded;
import dev.stoker.executor.AttemptEvent.ProcessStarted;
import dev.stoker.executor.AttemptEvent.StartFailed;
import dev.stoker.executor.AttemptEvent.Stop;
import dev.stoker.process.ProcessEnd;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Outcome.Failed;
import dev.stoker.run.Outcome.SandboxFailed;
import dev.stoker.run.Outcome.Succeeded;

/**
 * How far one attempt is on this node. Pure: a state and an event give the next state and what is
 * to be done; an event that cannot happen in a state throws, naming both. Immutable.
 *
 * <pre>
 *                prepared            started             ended             collected
 *   Preparing ─────────────▶ Starting ───────▶ Running ─────────▶ Collecting ─────────▶ Done
 *     │   │                   │    │              │                 ▲
 *     │   └─ failed ──▶ Done ◀┼────┘ failed       │ stop            │
 *     │ stop                  │ stop              ▼          ended  │
 *     ▼                       └──────────────▶ Stopping ────────────┘
 *   Abandoned ── prepared or failed ──▶ Done
 * </pre>
 */
sealed interface AttemptState {
  /** The state after an event. */
  Step on(AttemptEvent event);

  /**
   * The work directory is being made and, for a run that may not be lost, the start written down.
   */
  record Preparing() implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case Prepared() -> new Step(new Starting(), Action.START);
        case PrepareFailed(String reason) -> Step.done(new SandboxFailed(reason));
        case Stop(Outcome why) -> new Step(new Abandoned(why), Action.NONE);
        case ProcessStarted _, StartFailed _, ProcessEnded _, Collected _ ->
            throw impossible(this, event);
      };
    }
  }

  /** To be stopped as soon as the preparation is over; nothing will be started. */
  record Abandoned(Outcome why) implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case Prepared() -> Step.done(why);
        case PrepareFailed _ -> Step.done(why);
        case Stop _ -> new Step(this, Action.NONE);
        case ProcessStarted _, StartFailed _, ProcessEnded _, Collected _ ->
            throw impossible(this, event);
      };
    }
  }

  /** The process has been asked for. */
  record Starting() implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case ProcessStarted() -> new Step(new Running(), Action.ANNOUNCE);
        case StartFailed(String reason) -> Step.done(new SandboxFailed(reason));
        case Stop(Outcome why) -> new Step(new Stopping(why), Action.STOP);
        case Prepared _, PrepareFailed _, ProcessEnded _, Collected _ ->
            throw impossible(this, event);
      };
    }
  }

  /** The process runs. */
  record Running() implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case ProcessEnded(ProcessEnd end) -> Step.collect(outcome(end), end);
        case Stop(Outcome why) -> new Step(new Stopping(why), Action.STOP);
        case Prepared _, PrepareFailed _, ProcessStarted _, StartFailed _, Collected _ ->
            throw impossible(this, event);
      };
    }

    private static Outcome outcome(ProcessEnd end) {
      if (end.verdict() != null) {
        return end.verdict();
      }
      return switch (end.exit()) {
        case Exit.Code(int code) when code == 0 -> new Succeeded();
        case Exit.Code(int code) -> new Failed("exit code " + code);
        case Exit.Signal signal -> new Failed("ended by " + signal.name());
      };
    }
  }

  /** The tree is to die; the first reason stays. */
  record Stopping(Outcome why) implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case ProcessEnded(ProcessEnd end) -> Step.collect(why, end);
        case ProcessStarted() -> new Step(this, Action.ANNOUNCE);
        case StartFailed _ -> Step.done(why);
        case Stop _ -> new Step(this, Action.NONE);
        case Prepared _, PrepareFailed _, Collected _ -> throw impossible(this, event);
      };
    }
  }

  /** The tree is dead; what it left is being gathered. It is too late to stop anything. */
  record Collecting(Outcome outcome, ProcessEnd end) implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case Collected(Outcome problem) -> Step.done(problem == null ? outcome : problem);
        case Stop _ -> new Step(this, Action.NONE);
        case Prepared _, PrepareFailed _, ProcessStarted _, StartFailed _, ProcessEnded _ ->
            throw impossible(this, event);
      };
    }
  }

  /** It has its outcome. A stop that comes late changes nothing. */
  record Done(Outcome outcome) implements AttemptState {
    @Override
    public Step on(AttemptEvent event) {
      return switch (event) {
        case Stop _ -> new Step(this, Action.NONE);
        case Prepared _,
            PrepareFailed _,
            ProcessStarted _,
            StartFailed _,
            ProcessEnded _,
            Collected _ ->
            throw impossible(this, event);
      };
    }
  }

  /** What is to be done when a state has been entered. */
  enum Action {
    NONE,
    START,
    ANNOUNCE,
    STOP,
    COLLECT,
    FINISH
  }

  /** A transition's result. */
  record Step(AttemptState next, Action action) {
    private static Step done(Outcome outcome) {
      return new Step(new Done(outcome), Action.FINISH);
    }

    private static Step collect(Outcome outcome, ProcessEnd end) {
      return new Step(new Collecting(outcome, end), Action.COLLECT);
    }
  }

  /** The failure of an event that this state cannot meet. */
  private static IllegalStateException impossible(AttemptState state, AttemptEvent event) {
    return new IllegalStateException(event + " cannot happen in " + state);
  }
}
