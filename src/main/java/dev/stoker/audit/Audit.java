package dev.stoker.audit;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who asked for what, from where, and whether it was allowed, one JSON line each in a file of its
 * own. Thread-safe; nothing here blocks but {@link #open} and {@link #close}.
 *
 * <p>An entry is written by another thread soon after it was given. A process that is killed loses
 * those that were given and not written, {@link AuditSettings#waitingMax} at most; a machine that
 * stops, those of the last {@link AuditSettings#sync}. With {@link AuditSettings#required} callers
 * are answered once their entry is written, so that a killed process has told nobody of what is not
 * in the file; but for those whose entries the disk had just begun to refuse or to hold up. What
 * they asked for was done, and they are told so.
 */
public final class Audit implements AutoCloseable {
  private static final Future<Void> AT_ONCE = Future.succeededFuture();
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final @Nullable AuditWriter writer;
  private final boolean hits;
  private final boolean required;

  private Audit(@Nullable AuditWriter writer, boolean hits, boolean required) {
    this.writer = writer;
    this.hits = hits;
    this.required = required;
  }

  /** Keeps nothing. */
  public static Audit none() {
    return new Audit(null, false, false);
  }

  /**
   * Begins to write, at the end of what is there.
   *
   * @param node who writes
   * @throws IOException when the file cannot be opened
   */
  public static Audit open(AuditSettings settings, String node) throws IOException {
    if (!settings.enabled()) {
      return none();
    }
    AuditWriter writer = new AuditWriter(settings, AuditFile.open(settings), node);
    writer.begin();
    return new Audit(writer, settings.hits(), settings.required());
  }

  /**
   * Has an entry written. Where entries are required, completes once it is, or is lost, or was not
   * written in some two seconds; else at once. On any thread; never fails: what it tells of is
   * done.
   */
  public Future<Void> record(AuditEntry entry) {
    if (writer == null) {
      return AT_ONCE;
    }
    if (!required) {
      writer.write(entry, null);
      return AT_ONCE;
    }
    Promise<Void> written = Promise.promise();
    writer.write(entry, written);
    return written.future();
  }

  /**
   * To be asked before a command is obeyed.
   *
   * @throws ServiceException AUDIT_UNAVAILABLE when entries are required and cannot be written
   */
  public void require() {
    if (required && writer != null && !writer.canWrite()) {
      throw ServiceException.retryable(
          ErrorCode.AUDIT_UNAVAILABLE, "the audit log cannot be written now", AGAIN);
    }
  }

  /** Whether results that came from the cache are to be told. */
  public boolean tellsHits() {
    return hits;
  }

  /** Entries that were not written, since the start. */
  public long lost() {
    return writer == null ? 0 : writer.lost();
  }

  /** Entries that somebody waited for and that were not written in time, since the start. */
  public long late() {
    return writer == null ? 0 : writer.late();
  }

  /** Writes what waits. Idempotent. */
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
