package dev.stoker.blob;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When each blob was last used and how many links it has, since this store was opened or since the
 * last sweep wrote it to the disk. Thread-safe: the map's lock of a digest is what keeps a blob
 * from being removed while somebody begins to use it. Nothing slower than a rename happens under
 * it.
 */
final class BlobUses {
  private final InstantSource clock;
  private final ConcurrentHashMap<Digest, Use> uses = new ConcurrentHashMap<>();

  BlobUses(InstantSource clock) {
    this.clock = clock;
  }

  /** A moment of use, and the links there are. */
  record Use(Instant at, int links) {}

  /** An action on the disk that may not cross another of the same digest. */
  @FunctionalInterface
  interface DiskAction {
    void run() throws IOException;
  }

  Instant now() {
    return clock.instant();
  }

  /** Notes a use, before the caller looks whether the blob is there. */
  Use touch(Digest digest) {
    Instant now = clock.instant();
    return touched(uses.merge(digest, new Use(now, 0), (old, add) -> new Use(now, old.links)));
  }

  private static Use touched(@Nullable Use use) {
    if (use == null) {
      throw new IllegalStateException("a use is never merged to nothing");
    }
    return use;
  }

  /** Takes a {@link #touch} back: the blob was not there. */
  void miss(Digest digest, Use touch) {
    if (touch.links == 0) {
      uses.remove(digest, touch);
    }
  }

  void linked(Digest digest) {
    Instant now = clock.instant();
    uses.merge(digest, new Use(now, 1), (old, add) -> new Use(now, old.links + 1));
  }

  void unlinked(Digest digest) {
    Instant now = clock.instant();
    uses.computeIfPresent(digest, (same, use) -> new Use(now, Math.max(0, use.links - 1)));
  }

  Optional<Use> get(Digest digest) {
    return Optional.ofNullable(uses.get(digest));
  }

  /** Notes a use and puts the file in its place. */
  void placing(Digest digest, DiskAction place) throws IOException {
    alone(
        digest,
        old -> {
          place.run();
          return new Use(clock.instant(), old == null ? 0 : old.links);
        });
  }

  /** Runs an action unless the blob is linked or was used after {@code before}. */
  void unlessUsed(Digest digest, Instant before, DiskAction remove) throws IOException {
    alone(
        digest,
        old -> {
          if (old != null && (old.links > 0 || old.at.isAfter(before))) {
            return old;
          }
          remove.run();
          return null;
        });
  }

  /** Runs an action whatever uses there are. */
  void alone(Digest digest, DiskAction action) throws IOException {
    alone(
        digest,
        old -> {
          action.run();
          return old;
        });
  }

  /** Forgets what is on the disk now. */
  void written(Digest digest, Use use) {
    uses.remove(digest, use);
  }

  private void alone(Digest digest, Step step) throws IOException {
    try {
      uses.compute(
          digest,
          (same, old) -> {
            try {
              return step.next(old);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @FunctionalInterface
  private interface Step {
    @Nullable Use next(@Nullable Use old) throws IOException;
  }
}
