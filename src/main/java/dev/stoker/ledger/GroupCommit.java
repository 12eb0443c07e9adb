package dev.stoker.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that writes: all that is due in one commit, and chores between two commits. */
final class GroupCommit implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);

  private final LiveRuns live;
  private final Opener opener;
  private final String file;
  private final Thread thread;

  // Guarded by chores.
  private final Queue<Chore> chores = new ArrayDeque<>();
  private boolean over;

  // Owned by the thread; null after a failure.
  private @Nullable RunWriter writer;

  private volatile boolean healthy = true;

  /**
   * Closes its writer when it ends, and opens another after each failure.
   *
   * @throws SQLException when the first one cannot be opened
   */
  GroupCommit(LiveRuns live, Opener opener, String file) throws SQLException {
    this.live = live;
    this.opener = opener;
    this.writer = opener.open();
    this.file = file;
    this.thread = Thread.ofPlatform().name("stoker-ledger-writer").daemon().unstarted(this);
  }

  /** Opens a writer. */
  @FunctionalInterface
  interface Opener {
    RunWriter open() throws SQLException;
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

  @Override
  public void run() {
    try {
      while (true) {
        List<WriteQueue.Write> due = live.takeDue();
        if (!due.isEmpty()) {
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
      LOG.error("the ledger's writer was interrupted; nothing more is written to {}", file, e);
    } finally {
      closeWriter();
      healthy = false;
      giveUpChores();
      if (live.unwritten() > 0) {
        LOG.error("{} runs are not in the ledger {}", live.unwritten(), file);
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
      due.forEach(write -> rows.add(RunRow.of(write.command(), write.record())));
      writer().write(rows);
      if (!healthy) {
        LOG.info("the ledger {} is written again", file);
      }
      healthy = true;
      live.written(due).forEach(GroupCommit::tellWritten);
    } catch (SQLException | RuntimeException e) {
      // Whatever it was: who waits is told, and the thread goes on for those that come.
      if (healthy) {
        LOG.error("{} runs could not be written to the ledger {}", due.size(), file, e);
      }
      healthy = false;
      closeWriter();
      live.failed(due, PAUSE_AFTER_FAILURE).forEach(GroupCommit::tellFailed);
    }
  }

  private RunWriter writer() throws SQLException {
    RunWriter open = writer;
    if (open == null) {
      open = opener.open();
      writer = open;
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
      LOG.warn("the ledger {} could not be closed", file, e);
    }
  }

  private static void tellWritten(LiveRun.Answer answer) {
    tell(answer::written);
  }

  private static void tellFailed(LiveRun.Answer answer) {
    tell(answer::failed);
  }

  private static void tell(Runnable answer) {
    try {
      answer.run();
    } catch (RejectedExecutionException e) {
      LOG.debug("who waited for a write is gone", e);
    }
  }

  private void step(Chore chore) {
    try {
      if (chore.step(writer())) {
        add(chore);
      }
    } catch (SQLException e) {
      LOG.warn("the ledger {} could not be tidied", file, e);
      closeWriter();
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
