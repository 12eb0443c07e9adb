package dev.stoker.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A real file system: small, in memory; or one that can be made to hang. Needs to be root. */
public record Disk(Path path, AtomicReference<@Nullable Process> watchdog) {
  private static final int BYTES = 256 * 1024;
  private static final int NAMES = 64;

  /** A test that is killed leaves nothing that hangs for ever. */
  private static final int FROZEN_SECONDS_MAX = 60;

  public static Disk mount(Path at) throws Exception {
    Files.createDirectories(at);
    int mounted =
        run(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=" + BYTES + ",nr_inodes=" + NAMES,
            "tmpfs",
            at.toString());
    if (mounted != 0) {
      throw new IllegalStateException("cannot mount a tmpfs: run this as root");
    }
    return new Disk(at, new AtomicReference<>());
  }

  /** One on blocks, which can be frozen. */
  public static Disk freezable(Path at) throws Exception {
    Files.createDirectories(at);
    Path image = at.resolveSibling(at.getFileName() + ".img");
    Files.write(image, new byte[8 << 20]);
    if (run("mkfs.ext4", "-q", image.toString()) != 0
        || run("mount", "-o", "loop", image.toString(), at.toString()) != 0) {
      throw new IllegalStateException("cannot mount an image: run this as root, with e2fsprogs");
    }
    return new Disk(at, new AtomicReference<>());
  }

  /** Whoever writes hangs from now on, until {@link #thaw}. */
  public void freeze() throws Exception {
    watchdog.set(
        new ProcessBuilder(
                "setsid",
                "sh",
                "-c",
                "sleep " + FROZEN_SECONDS_MAX + "; fsfreeze -u " + path + " 2> /dev/null")
            .start());
    if (run("fsfreeze", "-f", path.toString()) != 0) {
      throw new IllegalStateException("cannot freeze " + path);
    }
  }

  public void thaw() throws Exception {
    run("fsfreeze", "-u", path.toString());
    Process waits = watchdog.getAndSet(null);
    if (waits != null) {
      // Its sleep last: without it, it would thaw once more.
      List<ProcessHandle> all = waits.descendants().toList();
      waits.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Takes all the names there are: no file can be made until those that it returns are removed. */
  public List<Path> fillNames() {
    List<Path> taken = new ArrayList<>();
    try {
      while (true) {
        taken.add(Files.createFile(path.resolve("name-" + taken.size())));
      }
    } catch (IOException full) {
      return taken;
    }
  }

  /** Takes all the room there is; the file can be removed. */
  public Path fill() throws IOException {
    Path filler = path.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException full) {
      return filler;
    }
  }

  public void unmount() throws Exception {
    run("umount", "-l", path.toString());
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
