package dev.stoker.run;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that is told about a run, at one moment; {@link RunJson} writes it, everywhere the same.
 *
 * <p>Immutable.
 *
 * @param attempt 1 for the first; 0 while none has begun
 * @param node where it runs or ran
 */
public record RunRecord(
    RunId id,
    String tool,
    Principal principal,
    RunState state,
    @Nullable Exit exit,
    @Nullable String reason,
    Captured stdout,
    Captured stderr,
    Map<String, OutputFile> outputs,
    Instant submittedAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int attempt,
    @Nullable String node,
    @Nullable Usage usage,
    CacheUse cache) {

  public RunRecord {
    outputs = Map.copyOf(outputs);
  }

  /** The record of a command that has just been accepted. */
  public static RunRecord queued(Command command, CacheUse cache) {
    return new RunRecord(
        command.id(),
        command.tool(),
        command.principal(),
        RunState.QUEUED,
        null,
        null,
        Captured.EMPTY,
        Captured.EMPTY,
        Map.of(),
        command.submittedAt(),
        null,
        null,
        0,
        null,
        null,
        cache);
  }

  /** The blobs that it refers to. */
  public Stream<Digest> blobs() {
    return Stream.concat(
        outputs.values().stream().map(OutputFile::blob),
        Stream.of(stdout, stderr).map(Captured::blob).filter(Objects::nonNull));
  }

  /** The same, in another state that needs nothing else said. */
  public RunRecord in(RunState next) {
    return new RunRecord(
        id,
        tool,
        principal,
        next,
        exit,
        reason,
        stdout,
        stderr,
        outputs,
        submittedAt,
        startedAt,
        finishedAt,
        attempt,
        node,
        usage,
        cache);
  }

  /** The same, begun on {@code atNode}. */
  public RunRecord started(Instant at, int attemptNumber, String atNode) {
    return new RunRecord(
        id,
        tool,
        principal,
        RunState.RUNNING,
        null,
        null,
        stdout,
        stderr,
        outputs,
        submittedAt,
        at,
        null,
        attemptNumber,
        atNode,
        null,
        cache);
  }

  /** The same, back in the queue for another attempt. */
  public RunRecord requeued() {
    return new RunRecord(
        id,
        tool,
        principal,
        RunState.QUEUED,
        null,
        null,
        Captured.EMPTY,
        Captured.EMPTY,
        Map.of(),
        submittedAt,
        null,
        null,
        attempt,
        null,
        null,
        cache);
  }

  /** The same, ended without having run to its end. */
  public RunRecord ended(Outcome outcome, Instant at) {
    return ended(outcome, at, null, stdout, stderr, outputs, usage);
  }

  /** The same, ended with what it left behind. */
  public RunRecord ended(
      Outcome outcome,
      Instant at,
      @Nullable Exit how,
      Captured out,
      Captured err,
      Map<String, OutputFile> files,
      @Nullable Usage used) {
    String why = outcome.reason();
    return new RunRecord(
        id,
        tool,
        principal,
        outcome.state(),
        how,
        why.isEmpty() ? null : why,
        out,
        err,
        files,
        submittedAt,
        startedAt,
        at,
        attempt,
        node,
        used,
        cache);
  }

  /** The same, said to have come from the cache in this way. */
  public RunRecord with(CacheUse use) {
    return new RunRecord(
        id,
        tool,
        principal,
        state,
        exit,
        reason,
        stdout,
        stderr,
        outputs,
        submittedAt,
        startedAt,
        finishedAt,
        attempt,
        node,
        usage,
        use);
  }

  /** This result under the name of another command, which did not have to run. */
  public RunRecord as(Command command, CacheUse use, Instant at) {
    return new RunRecord(
        command.id(),
        tool,
        command.principal(),
        state,
        exit,
        reason,
        stdout,
        stderr,
        outputs,
        command.submittedAt(),
        startedAt,
        at,
        attempt,
        node,
        usage,
        use);
  }
}
