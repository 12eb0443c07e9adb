package dev.stoker.dispatch;

import dev.stoker.audit.Audit;
import dev.stoker.audit.AuditEntry;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Origin;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The commands that are not decided upon yet, and where they came from: each has one entry in the
 * audit log as soon as it is. Confined to the dispatcher's context.
 */
final class Submissions {
  private final Audit audit;
  private final Map<RunId, Submission> undecided = new HashMap<>();

  private static final class Submission {
    private final AuditEntry entry;
    private Future<Void> written = Future.succeededFuture();

    Submission(AuditEntry entry) {
      this.entry = entry;
    }
  }

  Submissions(Audit audit, LiveRuns live) {
    this.audit = audit;
    live.onAccepted(this::accepted);
  }

  /**
   * Decides on a command.
   *
   * @return what was decided, once its entry is written where it must be
   */
  Future<RunRecord> watch(Command command, Origin origin, Supplier<Future<RunRecord>> decision) {
    Submission submission = new Submission(AuditEntry.submit(command, origin));
    undecided.put(command.id(), submission);
    try {
      Future<RunRecord> answer = decision.get();
      return answer.transform(
          done -> {
            if (undecided.remove(command.id(), submission)) {
              if (done.succeeded()) {
                without(submission, done.result());
              } else {
                tell(submission, submission.entry.refused(done.cause()));
              }
            }
            return submission.written.isComplete()
                ? answer
                : submission.written.transform(written -> answer);
          });
    } catch (RuntimeException e) {
      undecided.remove(command.id());
      throw e;
    }
  }

  private void accepted(LiveRun run) {
    Submission submission = undecided.remove(run.command().id());
    if (submission != null) {
      tell(
          submission,
          run.record().cache() == CacheUse.COLLAPSED
              ? submission.entry.detail("joined an equal run")
              : submission.entry);
    }
  }

  /** It has an answer and did not become a run. */
  private void without(Submission submission, RunRecord answer) {
    switch (answer.cache()) {
      case HIT, CLUSTER_HIT -> {
        if (audit.tellsHits()) {
          tell(submission, submission.entry.run(answer.id().toString()).detail("from the cache"));
        }
      }
      case MISS, COLLAPSED, BYPASS ->
          tell(
              submission,
              submission.entry.run(answer.id().toString()).detail("the run that its key has"));
    }
  }

  private void tell(Submission submission, AuditEntry entry) {
    submission.written = audit.record(entry);
  }
}
