package dev.stoker.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real file system of 256 KiB, in memory. Needs the right to mount one. */
public record Disk(Path path) {
  private static final int BYTES = 256 * 1024;

  public static Disk mount(Path at) throws Exception {
    Files.createDirectories(at);
    int mounted = run("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", at.toString());
    if (mounted != 0) {
      throw new IllegalStateException("cannot mount a tmpfs: run this as root");
    }
    return new Disk(at);
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
