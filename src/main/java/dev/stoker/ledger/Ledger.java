package dev.stoker.ledger;

import com.hazelcast.core.HazelcastInstance;
import dev.stoker.run.Command;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The book of runs. Thread-safe; nothing here blocks but {@link #open} and {@link #close}.
 *
 * <p>A write of a {@link Command.Delivery#DETACHED} command's run, or of one with an idempotency
 * key, succeeds when it is on the disk, together with all that were written at about the same time
 * (group commit). Any other succeeds at once and is on the disk a moment later. Either way, what
 * was written is what is read. A write that cannot be made fails with LEDGER_UNAVAILABLE.
 *
 * <p>An unfinished run has a home, the one node that may write it. What another node writes of it,
 * such as a former home from which it was taken, is refused: with FENCED where it is waited for.
 */
public interface Ledger extends AutoCloseable {
  /** Stands for the home of runs that have none: they were handed over. No node is called so. */
  NodeId NOBODY = new NodeId("-", 1);

  /**
   * Opens the book in a directory, which is made where it is missing. What an earlier life of this
   * node did not end is {@link #orphaned}. Blocks.
   *
   * @param self whose book it is; no other may write as this one
   * @return to be closed by the caller
   * @throws IOException for the operator, naming the file: it cannot be read or written, is not a
   *     ledger, comes from a newer version, or another process has it open
   */
  static Ledger open(Vertx vertx, LedgerSettings settings, NodeId self) throws IOException {
    return SqlLedger.open(vertx, settings, self, null);
  }

  /**
   * The same for a member of a cluster. Where the settings name no shared store, the live state of
   * runs that may not be lost is also in maps of the cluster, on two members each; they decide
   * whose a run and a key are.
   */
  static Ledger open(Vertx vertx, LedgerSettings settings, NodeId self, HazelcastInstance cluster)
      throws IOException {
    return SqlLedger.open(vertx, settings, self, () -> new GridMaps(cluster, settings));
  }

  /**
   * Writes a run down as accepted, unless its idempotency key is taken.
   *
   * <p>Fails with IDEMPOTENCY_CONFLICT when the key was used for another command, and with
   * LEDGER_UNAVAILABLE when too many writes wait for the disk or the disk refuses; the run is then
   * not in the book.
   *
   * @return the id of the run that the key belongs to: the command's own when it is new
   */
  Future<RunId> accept(Command command, RunRecord queued);

  /**
   * Writes down where a run is now; terminal states are final: a later write changes nothing.
   *
   * <p>A failed update of a run that is in the book is not lost: it is what is read, and is written
   * when the disk allows.
   */
  Future<Void> update(Command command, RunRecord record);

  /**
   * The run of this id and who answers for it: as of now for a run of this node, and as last
   * written for others'.
   */
  Future<Optional<Located>> locate(RunId id);

  /**
   * Nodes that unfinished runs belong to and that are gone: they are not among {@code present},
   * and, where the store is shared, have not signed in there either for the time of a lease. An
   * earlier life of this node is gone, and so is {@link #NOBODY}.
   */
  Future<Set<NodeId>> orphaned(Set<NodeId> present);

  /**
   * Makes unfinished runs of a node that is gone this node's, oldest first. Of all that ask, each
   * run is given to one; whatever its former node writes of it from now on is refused.
   *
   * <p>Takes none of a node that has signed in meanwhile. A run that cannot be read is logged and
   * not given.
   *
   * @param from as {@link #orphaned} gave it
   * @param max so many at most; fewer does not mean that none is left, none does
   */
  Future<List<Unfinished>> takeOver(NodeId from, int max);

  /**
   * Gives a queued run of this node up, for any node to take over at once. Fails when that cannot
   * be written: then it is still this node's.
   */
  Future<Void> handOver(RunId run);

  /**
   * Has {@code listener} told of each run of this node that a write finds to be another's: it was
   * taken over, and is forgotten here. Told on the ledger's thread, also of runs for whose write
   * nobody waits; it must not block. One listener; a later one takes its place.
   */
  void onFenced(Consumer<RunId> listener);

  /** The run of this id. */
  Future<Optional<RunRecord>> find(RunId id);

  /**
   * The run that an idempotency key belongs to.
   *
   * <p>Fails with IDEMPOTENCY_CONFLICT when the key was used for another command.
   */
  Future<Optional<RunId>> findByKey(Principal principal, String tool, Command.IdempotencyKey key);

  /** Runs, newest first. */
  Future<Page> list(Query query);

  /** Removes ended runs past the configured age and number, their keys too, and says how many. */
  Future<Integer> retain();

  /** Whether a run in the book refers to the blob, as of now. */
  Future<Predicate<Digest>> references();

  /**
   * Whether commands that need not be recorded are refused too while nothing can be: {@link
   * #accept} of one then fails at once.
   */
  boolean isStrict();

  /** Whether the store can be written, as of the last write or the probe a moment ago. */
  boolean healthy();

  /** Runs whose newest version is not on the disk. */
  int unwritten();

  /** How many times the store could not be used since it was opened. */
  long failures();

  /** Writes what is waiting and closes the store. Blocks. Idempotent. */
  @Override
  void close();

  /**
   * A run that was accepted.
   *
   * @param command accepted anew: its time begins now. Unless its delivery is {@link
   *     Command.Delivery#DETACHED} or it has an idempotency key, nobody can take its result any
   *     more, and an inline stdin is not kept: it is there so that the run can be ended.
   */
  record Unfinished(Command command, RunRecord record) {}

  /**
   * A run and its node.
   *
   * @param home whose dispatcher decides on the run; null once it has ended or nobody has it
   */
  record Located(RunRecord record, @Nullable NodeId home) {}
}
