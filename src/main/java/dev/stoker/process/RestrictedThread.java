package dev.stoker.process;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that has put itself under a {@link Confinement} and starts processes, which inherit it.
 * One caller at a time has it; see {@link RestrictedThreads}.
 *
 * <p>It runs nothing but the calls below, and those once before it restricts itself: a listener, a
 * log line or a lazily made pool would run with too few rights, or hand them on to a new thread,
 * and a class that cannot be read would be missing for everybody.
 */
final class RestrictedThread implements Runnable {
  /** What is the least that can be executed; its zombie pins the number of the group. */
  private static final String HOLDER = "/bin/true";

  private final RestrictedThreads owner;
  private final Confinement confinement;
  private final Libc libc;
  private final PosixSpawn spawn;
  private final BlockingQueue<Supplier<Object>> tasks = new LinkedBlockingQueue<>();
  private final BlockingQueue<Object> answers = new LinkedBlockingQueue<>();

  /** The holder's number, 0 where there is none. Written by the thread before its first answer. */
  private int group;

  /** Of the thread. */
  private boolean ended;

  private RestrictedThread(RestrictedThreads owner, Confinement confinement) {
    this.owner = owner;
    this.confinement = confinement;
    Arena arena = Arena.ofAuto();
    libc = new Libc(arena);
    spawn = new PosixSpawn(arena);
  }

  /** What became of it: a thread that is ready, or why there is none. */
  record Opened(@Nullable RestrictedThread thread, @Nullable String failure) {}

  /** Starts one and waits until it is restricted. */
  static Opened open(RestrictedThreads owner, Confinement confinement, String name) {
    RestrictedThread made = new RestrictedThread(owner, confinement);
    Thread.ofPlatform().name(name).daemon().start(made);
    String failure = (String) made.answer();
    if (failure.isEmpty()) {
      return new Opened(made, null);
    }
    made.end();
    return new Opened(null, failure);
  }

  Confinement confinement() {
    return confinement;
  }

  /** The group that its processes are in; 0 when each leads its own. */
  int group() {
    return group;
  }

  /** Starts a process. Returns its number, or an error number, negated. */
  int spawn(ArgumentBlock block, int stdin, int stdout, int stderr, int gate) {
    tasks.add(() -> spawn.start(block, stdin, stdout, stderr, gate));
    return (Integer) answer();
  }

  /** Makes calls as a process of it would, one after the other. */
  List<Long> call(List<SystemCall> calls) {
    return calls.stream()
        .map(
            call -> {
              tasks.add(() -> call.make(libc));
              return (Long) answer();
            })
        .toList();
  }

  /**
   * Its processes are dead and reaped, and it is free for others.
   *
   * @param reusable whether nothing has outlived the run: else the next one would meet it
   */
  void giveBack(boolean reusable) {
    if (reusable) {
      owner.giveBack(this);
    } else {
      end();
    }
  }

  /** Ends it, soon. None of its processes may live. */
  void end() {
    tasks.add(
        () -> {
          ended = true;
          return "";
        });
  }

  @Override
  public void run() {
    try {
      tasks.add(this::restrict);
      while (!ended) {
        answers.add(perform(tasks.take()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (group > 0) {
        libc.reapWhenDead(group);
      }
    }
  }

  /** Somebody waits for an answer, whatever happens. */
  private static Object perform(Supplier<Object> task) {
    try {
      return task.get();
    } catch (RuntimeException | LinkageError e) {
      return e;
    }
  }

  private String restrict() {
    if (confinement.session() == Confinement.Session.CELL_GROUP) {
      int holder = startHolder();
      if (holder < 0) {
        return "the group's holder cannot be started: errno " + -holder;
      }
      group = holder;
      spawn.useGroup(holder);
    }
    return new Restriction(libc, confinement).apply(group);
  }

  private int startHolder() {
    try (Arena arena = Arena.ofConfined()) {
      int nowhere = libc.open(arena.allocateFrom("/dev/null"));
      if (nowhere < 0) {
        return nowhere;
      }
      ArgumentBlock block = new ArgumentBlock(arena);
      block.holdProgram(HOLDER);
      spawn.useGroup(0);
      int pid = spawn.start(block, nowhere, nowhere, nowhere, -1);
      libc.close(nowhere);
      int waited = pid < 0 ? pid : libc.awaitZombie(pid);
      return waited < 0 ? waited : pid;
    }
  }

  private Object answer() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          Object answer = answers.take();
          if (answer instanceof Throwable defect) {
            throw new IllegalStateException("a restricted thread met a defect", defect);
          }
          return answer;
        } catch (InterruptedException e) {
          // The process may be born already: somebody has to hear of it.
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
