package dev.stoker.output;

import dev.stoker.blob.BlobStore;
import dev.stoker.run.Captured;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.StdStream;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The output of this node's runs. Thread-safe. */
public final class Outputs {
  private final Vertx vertx;
  private final OutputSettings settings;
  private final BlobStore blobs;
  private final AtomicLong fileBytes = new AtomicLong();
  private final ConcurrentMap<RunId, SpooledOutput> live = new ConcurrentHashMap<>();
  private final ConcurrentMap<RunId, Consumer<OutputReader>> expected = new ConcurrentHashMap<>();

  /**
   * Makes the directory and empties it: whatever an earlier life left there belongs to no run.
   *
   * @throws IOException when it cannot be made or emptied
   */
  public Outputs(Vertx vertx, OutputSettings settings, BlobStore blobs) throws IOException {
    this.vertx = vertx;
    this.settings = settings;
    this.blobs = blobs;
    Files.createDirectories(settings.directory());
    try (DirectoryStream<Path> left = Files.newDirectoryStream(settings.directory())) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * The output of a run that is about to begin.
   *
   * @throws IllegalStateException when the run has one
   */
  public RunOutput open(RunId run, OutputRules rules) {
    SpooledOutput output =
        new SpooledOutput(
            spool(run, rules), keep(run, StdStream.STDERR, rules), o -> live.remove(run, o));
    if (live.putIfAbsent(run, output) != null) {
      throw new IllegalStateException("run " + run + " has its output open already");
    }
    Consumer<OutputReader> waiting = expected.get(run);
    if (waiting != null) {
      live(run, StdStream.STDOUT).ifPresent(waiting);
    }
    return output;
  }

  /**
   * Has a reader of standard output given to {@code taker} whenever an attempt at this run opens
   * its output: before its process exists, so that nothing is missed however short it is. Called on
   * the executor's thread; must not block. Ends with {@link #forget}.
   */
  public void expect(RunId run, Consumer<OutputReader> taker) {
    expected.put(run, taker);
  }

  /** Gives the expected reader of a run that another node runs; nobody waits: it is closed. */
  public void supply(RunId run, OutputReader reader) {
    Consumer<OutputReader> waiting = expected.get(run);
    if (waiting == null) {
      reader.close();
    } else {
      waiting.accept(reader);
    }
  }

  /** Ends {@link #expect}. Idempotent. */
  public void forget(RunId run) {
    expected.remove(run);
  }

  /**
   * A reader of a run that is under way on this node. A stream that is passed through has one
   * reader: who comes later gets none.
   */
  public Optional<OutputReader> live(RunId run, StdStream stream) {
    SpooledOutput output = live.get(run);
    if (output == null || (output.spool(stream) instanceof PassSpool passed && !passed.take())) {
      return Optional.empty();
    }
    return Optional.of(output.spool(stream).reader());
  }

  /**
   * A reader of what a record holds of a stream.
   *
   * @throws dev.stoker.run.ServiceException BLOB_NOT_FOUND when the kept bytes have been removed
   */
  public OutputReader kept(RunRecord run, StdStream stream) {
    Captured captured =
        switch (stream) {
          case STDOUT -> run.stdout();
          case STDERR -> run.stderr();
        };
    Digest blob = captured.blob();
    return blob == null
        ? new BytesReader(captured.content())
        : new FileReader(vertx, blobs.path(blob), captured.bytes());
  }

  /** Bytes on disk of runs under way. */
  public long fileBytes() {
    return fileBytes.get();
  }

  /** Runs whose output is open. */
  public int open() {
    return live.size();
  }

  private Spool spool(RunId run, OutputRules rules) {
    return switch (rules.stdoutMode()) {
      case KEEP -> keep(run, StdStream.STDOUT, rules);
      case PASS -> new PassSpool(vertx, settings.window().bytes());
    };
  }

  private Spool keep(RunId run, StdStream stream, OutputRules rules) {
    long bound =
        switch (stream) {
          case STDOUT -> rules.stdout().bytes();
          case STDERR -> rules.stderr().bytes();
        };
    Path file = settings.directory().resolve(run + "." + stream.label());
    return new KeepSpool(
        vertx,
        blobs,
        new SpoolFile(file, fileBytes),
        (int) Math.min(settings.memory().bytes(), bound),
        bound);
  }
}
