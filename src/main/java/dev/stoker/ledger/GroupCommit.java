package dev.stoker.ledger;

import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that writes: all that is due in one commit, and chores between two commits. */
final class GroupCommit implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);

  private final LiveRuns live;
  private final Database database;
  private final @Nullable GridCommit shared;
  private final NodeId self;
  private final Consumer<RunId> fenced;
  private final Thread thread;

  // Guarded by chores.
  private final Queue<Chore> chores = new ArrayDeque<>();
  private boolean over;

  // Owned by the thread; null after a failure.
  private @Nullable RunWriter writer;
  private long signInAtNanos = System.nanoTime();

  private volatile boolean healthy = true;
  private final LongAdder failures = new LongAdder();

  /**
   * Closes its writer when it ends, and opens another after each failure.
   *
   * @param shared null where the database alone decides
   * @param fenced told, on the thread, of each run that turned out to be another's; must not block
   * @throws SQLException when the first one cannot be opened
   */
  GroupCommit(
      LiveRuns live,
      Database database,
      @Nullable GridCommit shared,
      NodeId self,
      Consumer<RunId> fenced)
      throws SQLException {
    this.live = live;
    this.database = database;
    this.shared = shared;
    this.self = self;
    this.fenced = fenced;
    this.writer = database.writer();
    this.thread = Thread.ofPlatform().name("stoker-ledger-writer").daemon().unstarted(this);
  }

  /** Something to do with the table, in steps so short that no commit waits long for one. */
  interface Chore {
    /** Takes one step; says whether there is another. */
    boolean step(RunWriter writer) throws SQLException;

    /** It is given up. */
    void failed(Exception why);
  }

  void start() {
    thread.start();
  }

  void add(Chore chore) {
    boolean taken;
    synchronized (chores) {
      taken = !over && chores.add(chore);
    }
    if (taken) {
      live.nudge();
    } else {
      chore.failed(new IllegalStateException("the ledger is closed"));
    }
  }

  /** Whether what must be recorded can be. */
  boolean healthy() {
    return healthy && isSharedHealthy() && thread.isAlive();
  }

  private boolean isSharedHealthy() {
    return shared == null || shared.healthy();
  }

  /** How many times the store could not be used. */
  long failures() {
    return failures.sum() + (shared == null ? 0 : shared.failures());
  }

  @Override
  public void run() {
    try {
      while (true) {
        List<WriteQueue.Write> due = live.takeDue(waitNanos());
        boolean writable = System.nanoTime() - signInAtNanos < 0 || signIn();
        look();
        // Where it is not, whoever waited has heard, and what is due may be no run any more.
        if (writable && !due.isEmpty()) {
          commit(due);
        }
        Chore chore = nextChore();
        if (chore != null) {
          step(chore);
        }
        if (live.isOver(healthy, isSharedHealthy())) {
          break;
        }
      }
    } catch (InterruptedException e) {
      LOG.error(
          "the ledger's writer was interrupted; nothing more is written to {}", database.name(), e);
    } finally {
      signOut();
      closeWriter();
      healthy = false;
      giveUpChores();
      if (live.unwritten() > 0) {
        LOG.error("{} runs are not in the ledger {}", live.unwritten(), database.name());
      }
    }
  }

  private @Nullable Chore nextChore() {
    synchronized (chores) {
      return chores.poll();
    }
  }

  private void giveUpChores() {
    List<Chore> left;
    synchronized (chores) {
      over = true;
      left = List.copyOf(chores);
      chores.clear();
    }
    left.forEach(chore -> chore.failed(new IllegalStateException("the ledger is closed")));
  }

  private long waitNanos() {
    long signIn = signInAtNanos - System.nanoTime();
    return shared == null ? signIn : Math.min(signIn, shared.waitNanos());
  }

  private void look() {
    if (shared != null) {
      try {
        shared.look();
      } catch (GridException e) {
        sharedFault(shared, e);
      }
    }
  }

  private void commit(List<WriteQueue.Write> due) {
    try {
      if (shared == null) {
        List<RunRow> rows = rows(due);
        settle(due, rows.isEmpty() ? List.of() : writer().write(rows));
        return;
      }
      List<WriteQueue.Write> passing = due.stream().filter(write -> !write.run().durable).toList();
      if (!passing.isEmpty()) {
        settle(passing, writer().write(rows(passing)));
      }
      commitShared(shared, due.stream().filter(write -> write.run().durable).toList());
    } catch (SQLException | RuntimeException e) {
      // Whatever it was: who waits is told, and the thread goes on for those that come.
      fault("written", e);
    }
  }

  private void commitShared(GridCommit cluster, List<WriteQueue.Write> due) throws SQLException {
    if (due.isEmpty()) {
      return;
    }
    if (!cluster.healthy()) {
      // Nobody waits for what is known to fail.
      live.failed(WriteQueues.Scope.DURABLE, PAUSE_AFTER_FAILURE).forEach(GroupCommit::tell);
      return;
    }
    try {
      settle(due, cluster.write(writer(), rows(due)));
    } catch (GridException e) {
      sharedFault(cluster, e);
    }
  }

  private List<RunRow> rows(List<WriteQueue.Write> due) {
    return due.stream().map(write -> RunRow.of(write, self.toString())).toList();
  }

  private void settle(List<WriteQueue.Write> due, List<Fate> fates) {
    works();
    LiveRuns.Settled settled = live.settled(due, fates);
    settled.answers().forEach(GroupCommit::tell);
    settled.taken().forEach(this::tellFenced);
  }

  private void sharedFault(GridCommit cluster, GridException e) {
    cluster.fault(e, PAUSE_AFTER_FAILURE);
    live.failed(WriteQueues.Scope.DURABLE, PAUSE_AFTER_FAILURE).forEach(GroupCommit::tell);
  }

  /** Shows that this node lives, and finds out whether the store can be written. */
  private boolean signIn() {
    try {
      writer().signIn(self.toString());
      // Where something waits, its commit shows whether the store works; unless it waits for more.
      if (shared != null || live.unwritten() == 0) {
        works();
      }
      signInAtNanos = System.nanoTime() + database.signInEvery().toNanos();
      return true;
    } catch (SQLException | RuntimeException e) {
      fault("signed in to", e);
      return false;
    }
  }

  private void signOut() {
    try {
      if (writer != null) {
        writer.signOut(self.toString());
      }
    } catch (SQLException e) {
      LOG.warn("the ledger {} was not signed out of", database.name(), e);
    }
  }

  private void works() {
    if (!healthy) {
      LOG.info("the ledger {} is written again", database.name());
    }
    healthy = true;
  }

  private void fault(String what, Exception e) {
    if (healthy) {
      LOG.error("the ledger {} could not be {}", database.name(), what, e);
    }
    healthy = false;
    failures.increment();
    signInAtNanos = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
    closeWriter();
    if (shared != null) {
      shared.suspect();
    }
    live.failed(WriteQueues.Scope.ALL, PAUSE_AFTER_FAILURE).forEach(GroupCommit::tell);
  }

  private RunWriter writer() throws SQLException {
    RunWriter open = writer;
    if (open == null) {
      open = database.writer();
      writer = open;
      open.reconcile(self.toString(), live::holds);
    }
    return open;
  }

  /** A full disk has SQLite roll back by itself, and its driver never begin again after that. */
  private void closeWriter() {
    RunWriter open = writer;
    writer = null;
    try {
      if (open != null) {
        open.close();
      }
    } catch (SQLException e) {
      LOG.warn("the ledger {} could not be closed", database.name(), e);
    }
  }

  private static void tell(LiveRun.Told told) {
    try {
      told.tell();
    } catch (RejectedExecutionException e) {
      LOG.debug("who waited for a write is gone", e);
    }
  }

  private void tellFenced(RunId run) {
    RunLog.of(LOG.atWarn(), run)
        .log("the run was taken over by another node; what this one says of it is refused");
    fenced.accept(run);
  }

  private void step(Chore chore) {
    try {
      if (chore.step(writer())) {
        add(chore);
      }
    } catch (GridException e) {
      // Of what the file says was taken over, memory may not know: it is looked at when it is
      // opened.
      closeWriter();
      sharedFault(Objects.requireNonNull(shared), e);
      chore.failed(e);
    } catch (SQLException | RuntimeException e) {
      fault("changed", e);
      chore.failed(e);
    }
  }

  /** Writes what waits and ends the thread. Blocks. Idempotent. */
  void close() {
    live.close();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
