package dev.stoker.attack;

import static org.awaitility.Awaitility.await;

import dev.stoker.ProcessTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** What attacks have left: on the machine, in Stoker's files, among the processes. */
final class Aftermath {
  private static final List<Path> NOWHERE =
      List.of(
          Path.of("/tmp/stoker-attack"),
          Path.of("/dev/shm/stoker-attack"),
          Path.of("/stoker-attack"),
          Path.of("/sys/fs/cgroup/stoker-attack"));
  private static final List<String> TABLES = List.of("shm", "sem", "msg");
  private static final String KEY = "7777";
  private static final Duration SOON = Duration.ofSeconds(20);

  private final AttackedNode node;
  private final Outsider outsider;
  private final Outside outside;
  private final Map<String, String> before;

  /** As it is now, before the attacks. */
  Aftermath(AttackedNode node, Outsider outsider, Outside outside) {
    this.node = node;
    this.outsider = outsider;
    this.outside = outside;
    this.before = state();
  }

  /** What is not as it was, in words. Waits a little for what may take its time. */
  List<String> damage() {
    List<String> damage = new ArrayList<>();
    if (!node.process().isAlive()) {
      damage.add("Stoker is dead");
    }
    if (!outsider.isAlive()) {
      damage.add("somebody else's process is dead");
    }
    node.process().errors().lines().filter(line -> line.contains(" ERROR ")).forEach(damage::add);
    Map<String, String> after = state();
    after.forEach(
        (file, is) -> damage.addAll(difference(file, before.getOrDefault(file, "not there"), is)));
    before.keySet().stream()
        .filter(file -> !after.containsKey(file))
        .forEach(file -> damage.add(file + " is gone"));
    damage.addAll(strayFiles());
    damage.addAll(changedBlobs());
    eventually(damage, "processes are left", this::processes);
    eventually(damage, "files are left", () -> filesIn(node.home().data().resolve("work")));
    return damage;
  }

  /**
   * Removes what attacks that nothing stopped leave on the machine, and beside their own directory.
   */
  static void clean(Path work) {
    try {
      for (Path each : NOWHERE) {
        Files.deleteIfExists(each);
      }
      for (String beside : List.of("stoker-attack", "out.txt")) {
        Files.deleteIfExists(work.resolve(beside));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> difference(String file, String was, String is) {
    return is.equals(was) ? List.of() : List.of(file + " was " + was + ", is " + is);
  }

  private Map<String, String> state() {
    Map<String, String> state = new TreeMap<>(Outside.state(outside.directory()));
    state.putAll(Outside.state(node.home().catalog()));
    state.putAll(Outside.state(node.home().config()));
    state.putAll(Outside.state(node.programs()));
    // Its own times change with its work; its rights do not.
    state.put("data", Outside.rights(node.home().data()));
    state.put("work", Outside.rights(node.home().data().resolve("work")));
    return state;
  }

  private List<String> strayFiles() {
    List<String> stray = new ArrayList<>();
    for (Path each : NOWHERE) {
      if (Files.exists(each)) {
        stray.add(each + " is there");
      }
    }
    for (String table : TABLES) {
      text(Path.of("/proc/sysvipc", table))
          .lines()
          .filter(line -> line.strip().startsWith(KEY + " "))
          .forEach(line -> stray.add(table + " is left: " + line));
    }
    text(Path.of("/proc/self/mounts"))
        .lines()
        .filter(line -> line.contains(node.home().data().toString()))
        .forEach(line -> stray.add("a mount is left: " + line));
    return stray;
  }

  /** A blob's name is what its content was. */
  private List<String> changedBlobs() {
    List<String> changed = new ArrayList<>();
    try (Stream<Path> files = Files.walk(node.home().data().resolve("blobs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = AttackedNode.hex(file);
        if (name.length() == 64 && !name.equals(sha256(file))) {
          changed.add("the blob " + file + " was changed");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return changed;
  }

  /**
   * Those of a run, by their mark, their program or their directory; and Stoker's living children.
   */
  private List<String> processes() {
    List<String> left = new ArrayList<>();
    ProcessTable.marks().forEach((pid, mark) -> left.add(pid + " of " + mark));
    ProcessTable.withArgument(node.programs().toString()).stream()
        .filter(pid -> pid != outsider.pid() && pid != ProcessHandle.current().pid())
        .filter(pid -> pid != node.process().pid())
        .forEach(pid -> left.add(pid + " by its argument"));
    List<Long> dead = ProcessTable.zombiesOf(node.process().pid());
    ProcessTable.childrenOf(node.process().pid()).stream()
        .filter(pid -> !dead.contains(pid))
        .forEach(pid -> left.add(pid + " of Stoker"));
    return left;
  }

  private static List<String> filesIn(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(each -> !Files.isDirectory(each)).limit(5).map(Path::toString).toList();
    } catch (IOException | UncheckedIOException changing) {
      return List.of(changing.toString());
    }
  }

  private interface Look {
    List<String> see();
  }

  private static void eventually(List<String> damage, String what, Look look) {
    try {
      await().atMost(SOON).until(() -> look.see().isEmpty());
    } catch (ConditionTimeoutException e) {
      damage.add(what + ": " + look.see());
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException notHere) {
      return "";
    }
  }
}
