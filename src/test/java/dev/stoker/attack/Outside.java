package dev.stoker.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What belongs neither to Stoker nor to a run, and must be afterwards as it was. */
final class Outside {
  private static final int NOBODY = 65534;

  private final Path directory;

  private Outside(Path directory) {
    this.directory = directory;
  }

  /** Makes it. */
  static Outside make(Path directory, Path programs) {
    Outside outside = new Outside(directory);
    outside.fill(programs);
    return outside;
  }

  /** Makes what is missing, as after attacks that nothing stopped. */
  void fill(Path programs) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("secret"), "a secret\n");
      for (String name : new String[] {"spare", "other", "victim", "out.txt"}) {
        Files.writeString(directory.resolve(name), name + "\n");
      }
      copy(programs.resolve("files"), directory.resolve("program"));
      Path setUid = programs.resolve("set-uid");
      Path capable = programs.resolve("capable");
      if (!Files.exists(setUid)) {
        copy(programs.resolve("kernel"), setUid);
        copy(programs.resolve("kernel"), capable);
      }
      // Without being root they stay what they are: programs like any other.
      if (Files.getAttribute(directory, "unix:uid").equals(0)) {
        Files.setAttribute(setUid, "unix:uid", NOBODY);
        Files.setAttribute(setUid, "unix:mode", 04755);
        setCapability(capable);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void setCapability(Path program) throws IOException {
    Process setcap =
        new ProcessBuilder("/usr/sbin/setcap", "cap_net_raw+ep", program.toString())
            .inheritIO()
            .start();
    if (setcap.onExit().join().exitValue() != 0) {
      throw new IOException("setcap, of Debian's libcap2-bin, has failed");
    }
  }

  private static Path copy(Path program, Path to) throws IOException {
    Files.deleteIfExists(to);
    Files.copy(program, to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    return to;
  }

  Path directory() {
    return directory;
  }

  /** The outsider's. Short: a socket's path has at most 107 characters. */
  Path socket() {
    return directory.resolve("s");
  }

  /** The device that the root directory is on, or one that would be. */
  static Path disk() {
    try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
      return devices
          .filter(
              each -> String.valueOf(each.getFileName()).matches("(vd|sd|xvd)[a-z]|nvme\\d+n\\d+"))
          .sorted()
          .findFirst()
          .orElse(Path.of("/dev/vda"));
    } catch (IOException e) {
      return Path.of("/dev/vda");
    }
  }

  /** Of each file below its rights, owner, links, size, and when any of it was changed. */
  static Map<String, String> state(Path directory) {
    Map<String, String> state = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        state.put(
            file.toString(), facts(file, "unix:mode,uid,gid,nlink,size,lastModifiedTime,ctime"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return state;
  }

  static String rights(Path file) {
    return facts(file, "unix:mode,uid,gid");
  }

  private static String facts(Path file, String which) {
    try {
      return new TreeMap<>(Files.readAttributes(file, which, LinkOption.NOFOLLOW_LINKS)).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
