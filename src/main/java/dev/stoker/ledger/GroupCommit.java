package dev.stoker.ledger;

import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final @Nullable Grid grid;
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
   * @param fenced told, on the thread, of each run that turned out to be another's; must not block
   * @throws SQLException when the first one cannot be opened
   */
  GroupCommit(
      LiveRuns live, Database database, @Nullable Grid grid, NodeId self, Consumer<RunId> fenced)
      throws SQLException {
    this.live = live;
    this.database = database;
    this.grid = grid;
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

  boolean healthy() {
    return healthy && thread.isAlive();
  }

  /** How many times the store could not be used. */
  long failures() {
    return failures.sum();
  }

  @Override
  public void run() {
    try {
      while (true) {
        List<WriteQueue.Write> due = live.takeDue(signInAtNanos - System.nanoTime());
        boolean writable = System.nanoTime() - signInAtNanos < 0 || signIn();
        // Where it is not, whoever waited has heard, and what is due may be no run any more.
        if (writable && !due.isEmpty()) {
          commit(due);
        }
        Chore chore = nextChore();
        if (chore != null) {
          step(chore);
        }
        if (live.isOver(healthy)) {
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

  private void commit(List<WriteQueue.Write> due) {
    try {
      List<RunRow> rows = new ArrayList<>(due.size());
      due.forEach(write -> rows.add(RunRow.of(write, self.toString())));
      List<Fate> fates = grid == null ? writer().write(rows) : writeBoth(grid, rows);
      works();
      LiveRuns.Settled settled = live.settled(due, fates);
      settled.answers().forEach(GroupCommit::tell);
      settled.taken().forEach(this::tellFenced);
    } catch (SQLException | RuntimeException e) {
      // Whatever it was: who waits is told, and the thread goes on for those that come.
      fault("written", e);
    }
  }

  /** First where it is decided whose a run is, then in this node's own book. */
  private List<Fate> writeBoth(Grid shared, List<RunRow> rows) throws SQLException {
    List<RunRow> durable = rows.stream().filter(RunRow::isDurable).toList();
    List<Fate> decided = shared.write(durable);
    Map<RunRow, Fate> fates = HashMap.newHashMap(rows.size());
    for (int i = 0; i < durable.size(); i++) {
      fates.put(durable.get(i), decided.get(i));
    }
    List<RunRow> ours =
        rows.stream().filter(row -> !(fates.get(row) instanceof Fate.Fenced)).toList();
    ours = ours.stream().filter(row -> !(fates.get(row) instanceof Fate.KeyTaken)).toList();
    List<Fate> written = writer().write(ours);
    for (int i = 0; i < ours.size(); i++) {
      fates.put(ours.get(i), written.get(i));
    }
    shared.settle(
        ours.stream().filter(row -> row.isDurable() && row.finishedAtMillis() != null).toList());
    for (RunRow row : durable) {
      if (fates.get(row) instanceof Fate.Fenced) {
        writer().forget(RunRow.id(row.id()));
      }
    }
    return rows.stream().map(row -> Objects.requireNonNull(fates.get(row))).toList();
  }

  /** Shows that this node lives, and finds out whether the store can be written. */
  private boolean signIn() {
    try {
      writer().signIn(self.toString());
      if (grid != null) {
        grid.probe();
      }
      // Where something waits, its commit shows whether the store works.
      if (live.unwritten() == 0) {
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
    live.failed(PAUSE_AFTER_FAILURE).forEach(GroupCommit::tell);
  }

  private RunWriter writer() throws SQLException {
    RunWriter open = writer;
    if (open == null) {
      open = database.writer();
      writer = open;
      open.reconcile(self.toString(), live::holds);
      if (grid != null) {
        grid.reconcile(self.toString(), live::holds);
      }
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
    LOG.warn("run {} was taken over by another node; what this one says of it is refused", run);
    fenced.accept(run);
  }

  private void step(Chore chore) {
    try {
      if (chore.step(writer())) {
        add(chore);
      }
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
