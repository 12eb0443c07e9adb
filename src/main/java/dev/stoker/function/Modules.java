package dev.stoker.function;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.stoker.run.Digest;
import dev.stoker.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Modules' code, each compiled once and kept until too many others were used since. One thread of
 * its own compiles; whoever needs a module that is being compiled waits for it. Thread-safe.
 */
final class Modules implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  private static final int KEPT_MAX = 64;
  private static final int TRIES_MAX = 3;

  /** Larger than any tool's; a file that is read whole. */
  private static final long BYTES_MAX = 256L << 20;

  private final ExecutorService compiler =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("stoker-function-compiler").daemon().factory());

  /** By the module's content. */
  private final Cache<Digest, Loaded> byContent =
      Caffeine.newBuilder().maximumSize(KEPT_MAX).build();

  /** By what the catalog says that a tool's files are, which costs a run one look at the file. */
  private final Cache<Digest, CompletableFuture<Loaded>> byTool =
      Caffeine.newBuilder().maximumSize(4 * KEPT_MAX).build();

  /** By path: what was found there, ahead of any run. */
  private final ConcurrentMap<Path, Look> looks = new ConcurrentHashMap<>();

  /** The module that a tool runs now, compiled or about to be. */
  CompletableFuture<Loaded> of(Tool tool, Path file) {
    Digest digest = tool.executableDigest();
    return byTool.get(digest, d -> onCompiler(() -> load(tool, file, d)));
  }

  /**
   * Why a module cannot be run, if that is known. If not it is looked at, soon: the answer of a
   * later call. Costs one look at the file.
   */
  Optional<String> problem(Path file) {
    Optional<Stamp> stamp = Stamp.of(file);
    if (stamp.isEmpty()) {
      return Optional.empty();
    }
    Look look =
        looks.compute(
            file,
            (path, before) ->
                before != null && before.stamp().equals(stamp.get())
                    ? before
                    : new Look(stamp.get(), onCompiler(() -> read(path))));
    return look.found().getNow(null) instanceof Loaded.Broken(String reason)
        ? Optional.of(reason)
        : Optional.empty();
  }

  private CompletableFuture<Loaded> onCompiler(Supplier<Loaded> work) {
    return CompletableFuture.supplyAsync(work, compiler);
  }

  /** Again when the file was changed meanwhile: code must not be kept under another's digest. */
  private Loaded load(Tool tool, Path file, Digest expected) {
    for (int i = 1; ; i++) {
      Loaded loaded = read(file);
      if (tool.executableDigest().equals(expected)) {
        return loaded;
      }
      if (i == TRIES_MAX) {
        byTool.invalidate(expected);
        return new Loaded.Broken("its module is being written to");
      }
    }
  }

  private Loaded read(Path file) {
    byte[] bytes;
    try {
      if (Files.size(file) > BYTES_MAX) {
        return new Loaded.Broken("its module has more than " + BYTES_MAX + " bytes");
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      return new Loaded.Broken("its module cannot be read: " + e.getMessage());
    }
    var sha256 = Digest.newSha256();
    sha256.update(bytes);
    return byContent.get(Digest.from(sha256), digest -> compile(file, bytes));
  }

  private static Loaded compile(Path file, byte[] bytes) {
    long begun = System.nanoTime();
    Loaded loaded;
    try {
      loaded = ModuleCompiler.compile(bytes);
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      // Another's library, fed with another's file: whatever it makes of it concerns this tool
      // only.
      LOG.warn("module {} cannot be compiled", file, e);
      loaded = new Loaded.Broken("it cannot be compiled: " + e);
    }
    LOG.info("module {} looked at in {} ms", file, (System.nanoTime() - begun) / 1_000_000);
    return loaded;
  }

  @Override
  public void close() {
    compiler.shutdownNow();
  }

  private record Look(Stamp stamp, CompletableFuture<Loaded> found) {}

  private record Stamp(Object key, long size, FileTime modified) {
    static Optional<Stamp> of(Path file) {
      try {
        var attributes =
            Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class);
        Object key = attributes.fileKey() == null ? "" : attributes.fileKey();
        return Optional.of(new Stamp(key, attributes.size(), attributes.lastModifiedTime()));
      } catch (IOException e) {
        return Optional.empty();
      }
    }
  }
}
