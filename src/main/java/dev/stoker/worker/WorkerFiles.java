package dev.stoker.worker;

import dev.stoker.sandbox.Launch;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
  private @Nullable WorkerCell cell;
  private @Nullable Runnable whenGone;
  private int jobs;

  WorkerFiles(WorkerThreads threads, String worker) {
    this.threads = threads;
    this.worker = worker;
  }

  /** Makes the directory; {@code then} gets null when that fails. Once, before all else. */
  void make(WorkerThreads.Call<WorkerCell> making, Consumer<@Nullable WorkerCell> then) {
    begin(
        making,
        "gets no directory",
        made -> {
          cell = made;
          then.accept(made);
        });
  }

  /** Whether it is made. */
  boolean areThere() {
    return cell != null;
  }

  /** Makes a request's directory; {@code then} gets its files, or null when that fails. */
  void bringIn(WorkerRequest request, Consumer<@Nullable List<String>> then) {
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
   * Removes a request's directory, and has {@code look} tell of something else that takes its time.
   *
   * @param then gets what that told, or null when the directory cannot be removed
   */
  void clear(WorkerRequest request, LongSupplier look, Consumer<@Nullable Long> then) {
    begin(
        () -> {
          if (!made().clear(request.directory())) {
            throw new IOException("there are too many files, or more and more of them");
          }
          return look.getAsLong();
        },
        "cannot remove the files of a request",
        then);
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
