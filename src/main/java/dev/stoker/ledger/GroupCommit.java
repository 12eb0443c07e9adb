package dev.stoker.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that writes: all that is due in one commit, and chores between two commits. */
final class GroupCommit implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);

  private final LiveRuns live;
  private final RunWriter writer;
  private final String file;
  private final Thread thread;

  // Guarded by chores.
  private final Queue<Chore> chores = new ArrayDeque<>();
  private boolean over;

  private volatile boolean healthy = true;

  /** Closes the writer when it ends. */
  GroupCommit(LiveRuns live, RunWriter writer, String file) {
    this.live = live;
    this.writer = writer;
    this.file = file;
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

  @Override
  public void run() {
    try (writer) {
      while (true) {
        List<LiveRuns.Write> due = live.takeDue();
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
    } catch (SQLException e) {
      LOG.warn("the ledger {} could not be closed", file, e);
    } finally {
      healthy = false;
      giveUpChores();
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

  private void commit(List<LiveRuns.Write> due) {
    List<LiveRun.Answer> answers;
    boolean written;
    try {
      List<RunRow> rows = new ArrayList<>(due.size());
      due.forEach(write -> rows.add(RunRow.of(write.command(), write.record())));
      writer.write(rows);
      written = true;
      answers = live.written(due);
    } catch (SQLException | RuntimeException e) {
      // Whatever it was: who waits is told, and the thread goes on for those that come.
      written = false;
      answers = live.failed(due, PAUSE_AFTER_FAILURE);
      if (healthy) {
        LOG.error("{} runs could not be written to the ledger {}", due.size(), file, e);
      }
    }
    if (written && !healthy) {
      LOG.info("the ledger {} is written again", file);
    }
    healthy = written;
    for (LiveRun.Answer answer : answers) {
      if (written) {
        answer.written();
      } else {
        answer.failed();
      }
    }
  }

  private void step(Chore chore) {
    try {
      if (chore.step(writer)) {
        add(chore);
      }
    } catch (SQLException e) {
      LOG.warn("the ledger {} could not be tidied", file, e);
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
