package dev.stoker.worker;

import dev.stoker.sandbox.Launch;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to a worker's directory, on the disk threads; removes it when the worker is dead and
 * nobody is at it any more. Confined to the workers' thread, which hears what came of each.
 */
final class WorkerFiles {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerFiles.class);

  private final WorkerThreads threads;
  private final String worker;
  private final int requestsMax;
  private @Nullable WorkerCell cell;
  private @Nullable ReadyDirectories ready;
  private @Nullable Runnable whenGone;
  private int jobs;

  /**
   * Has no directory yet.
   *
   * @param requestsMax without files that get directories kept ready at once; 0 where requests have
   *     files
   */
  WorkerFiles(WorkerThreads threads, String worker, int requestsMax) {
    this.threads = threads;
    this.worker = worker;
    this.requestsMax = requestsMax;
  }

  /** Makes the directory; {@code then} gets null when that fails. Once, before all else. */
  void make(WorkerThreads.Call<WorkerCell> making, Consumer<@Nullable WorkerCell> then) {
    begin(
        making,
        "gets no directory",
        made -> {
          cell = made;
          then.accept(made);
          // Whoever heard of it may have had it removed.
          if (made != null && made == cell && requestsMax > 0) {
            keepReady(new ReadyDirectories(made, requestsMax));
          }
        });
  }

  private void keepReady(ReadyDirectories directories) {
    begin(
        () -> {
          directories.replenish();
          return directories;
        },
        "has no directories ready",
        made -> ready = made);
  }

  /** Whether it is made. */
  boolean areThere() {
    return cell != null;
  }

  /**
   * Gets a request a directory; {@code then} gets its files, or null when that fails. At once where
   * an empty directory is ready.
   */
  void bringIn(WorkerRequest request, Consumer<@Nullable List<String>> then) {
    EmptyDirectory empty = ready == null ? null : ready.take();
    if (empty != null) {
      request.isIn(empty);
      then.accept(List.of());
      return;
    }
    Launch launch = request.launch();
    begin(
        () -> made().bringIn(request.directory(), launch.spec().directory()),
        "cannot get the files of a request",
        then);
  }

  /** Takes the declared files; {@code then} gets what is wrong with them, or null. */
  void bringOut(WorkerRequest request, Consumer<@Nullable String> then) {
    Launch launch = request.launch();
    begin(
        () ->
            Optional.ofNullable(
                made()
                    .bringOut(
                        request.directory(),
                        launch.spec().directory(),
                        request.definition().outputs())),
        "cannot give the files of a request",
        problem ->
            then.accept(
                problem == null
                    ? "its files cannot be taken from its worker"
                    : problem.orElse(null)));
  }

  /**
   * Removes what a request leaves; {@code then} gets false when it cannot. At once where it has
   * left nothing.
   */
  void clear(WorkerRequest request, Consumer<Boolean> then) {
    ReadyDirectories others = ready;
    EmptyDirectory used = request.emptyDirectory();
    if (used != null && others != null && others.giveBack(used)) {
      then.accept(true);
      return;
    }
    begin(
        () -> {
          if (!made().clear(request.directory())) {
            throw new IOException("there are too many files, or more and more of them");
          }
          if (used != null && others != null) {
            others.replenish();
          }
          return true;
        },
        "cannot remove the files of a request",
        cleared -> then.accept(cleared != null));
  }

  /** Removes all as soon as nobody is at it; the worker is dead. Once. */
  void removeAll(Runnable then) {
    whenGone = then;
    removeWhenDone();
  }

  private WorkerCell made() {
    WorkerCell known = cell;
    if (known == null) {
      throw new IllegalStateException("worker " + worker + " has no directory yet");
    }
    return known;
  }

  private <T> void begin(WorkerThreads.Call<T> call, String failing, Consumer<@Nullable T> then) {
    jobs++;
    threads.onDisk(
        call,
        (result, failure) -> {
          jobs--;
          if (failure != null) {
            LOG.warn("worker {} {}", worker, failing, failure);
          }
          then.accept(result);
          removeWhenDone();
        });
  }

  private void removeWhenDone() {
    Runnable then = whenGone;
    WorkerCell used = cell;
    if (then == null || jobs > 0) {
      return;
    }
    whenGone = null;
    cell = null;
    if (used == null) {
      then.run();
      return;
    }
    begin(
        () -> {
          used.remove();
          return worker;
        },
        "leaves files behind",
        removed -> then.run());
  }
}
