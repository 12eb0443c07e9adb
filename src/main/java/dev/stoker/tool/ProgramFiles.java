package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a tool's program and of the files that its template names, kept until one of them
 * changes. The usual call costs one {@code stat} for each file.
 *
 * <p>Thread-safe: the state is one immutable value; two threads that find it old both read anew.
 */
final class ProgramFiles {
  /**
   * A file changed less than this before it was read may change again within the same tick of the
   * file system's clock, unseen.
   */
  private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int TRIES_MAX = 3;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final List<Path> paths;
  private volatile @Nullable State state;

  /**
   * @param required programs that the program starts itself
   * @param named files that the template names; one that is not there counts as absent
   */
  ProgramFiles(Path program, List<Path> required, List<Path> named) {
    List<Path> all = new ArrayList<>(required);
    all.addFirst(program);
    all.addAll(named);
    this.paths = List.copyOf(all);
  }

  /**
   * The digest of all of them as they are now.
   *
   * @throws ServiceException TOOL_UNAVAILABLE when the program is gone
   */
  Digest digest() {
    State known = state;
    return known != null && known.settled() && known.isCurrent(paths) ? known.digest() : read();
  }

  private Digest read() {
    for (int i = 0; ; i++) {
      long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
      List<@Nullable FileStamp> stamps = new ArrayList<>();
      paths.forEach(path -> stamps.add(FileStamp.of(path)));
      State fresh = new State(stamps, content(), settled(stamps, now));
      if (fresh.isCurrent(paths) || i == TRIES_MAX) {
        state = fresh;
        return fresh.digest();
      }
    }
  }

  private static boolean settled(List<@Nullable FileStamp> stamps, long nowNanos) {
    return stamps.stream().allMatch(s -> s == null || nowNanos - s.changed() > SETTLED_NANOS);
  }

  private Digest content() {
    MessageDigest all = Digest.newSha256();
    for (Path path : paths) {
      Digest one = content(path);
      if (one == null && path.equals(paths.getFirst())) {
        throw new ServiceException(ErrorCode.TOOL_UNAVAILABLE, "the tool's program is gone");
      }
      String line = one == null ? "absent\n" : one.hex() + "\n";
      all.update(line.getBytes(StandardCharsets.US_ASCII));
    }
    return Digest.from(all);
  }

  private static @Nullable Digest content(Path path) {
    // A pipe or a device would never end.
    if (!Files.isRegularFile(path)) {
      return null;
    }
    MessageDigest sha256 = Digest.newSha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(path)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        sha256.update(buffer, 0, count);
      }
      return Digest.from(sha256);
    } catch (IOException e) {
      return null;
    }
  }

  private record State(List<@Nullable FileStamp> stamps, Digest digest, boolean settled) {
    boolean isCurrent(List<Path> paths) {
      for (int i = 0; i < paths.size(); i++) {
        if (!java.util.Objects.equals(stamps.get(i), FileStamp.of(paths.get(i)))) {
          return false;
        }
      }
      return true;
    }
  }
}
