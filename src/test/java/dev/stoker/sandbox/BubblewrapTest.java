package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.Inherited;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StdinSource;
import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BubblewrapTest {
  private static final byte[] FILTER = {6, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f};
  private static final Bubblewrap OLD = new Bubblewrap(Path.of("/usr/bin/bwrap"), false);
  private static final Bubblewrap NEW = new Bubblewrap(Path.of("/usr/bin/bwrap"), true);

  @TempDir Path directory;

  @Test
  void shouldPutAProgramIntoAContainer() throws IOException {
    Path usr = Files.createDirectory(directory.resolve("usr"));
    Path bin = Files.createSymbolicLink(directory.resolve("bin"), Path.of("usr"));
    ProcessSpec spec =
        spec(usr.resolve("tool"), "tool", "--in", "/data/work/7/in", "/data/work/77");

    ProcessSpec wrapped = OLD.wrap(policy(Network.NONE, usr, bin), spec);

    assertThat(wrapped.executable()).isEqualTo(Path.of("/usr/bin/bwrap"));
    assertThat(String.join(" ", wrapped.argv()))
        .isEqualTo(
            "bwrap --unshare-user --disable-userns --uid 65534 --gid 65534 --unshare-pid"
                + " --unshare-ipc --unshare-uts --unshare-cgroup --hostname container"
                + " --cap-drop ALL --new-session --die-with-parent --unshare-net --proc /proc"
                + " --dev /dev --size 1024 --tmpfs /dev/shm --remount-ro /dev"
                + " --size 1024 --tmpfs /tmp --ro-bind-try USR USR --symlink usr BIN"
                    .replace("USR", usr.toString())
                    .replace("BIN", bin.toString())
                + " --bind /data/work/7 /run/work --remount-ro /proc --remount-ro / --chdir /run/work"
                + " --seccomp 3 --json-status-fd 4 -- "
                + usr
                + "/tool --in /run/work/in /data/work/77");
    assertThat(wrapped.environment())
        .isEqualTo(Map.of("HOME", "/run/work", "TMPDIR", "/run/work/tmp", "PATH", "/usr/bin"));
    assertThat(wrapped.inherited())
        .containsExactly(new Inherited.Bytes(FILTER), new Inherited.BubblewrapReport());
    assertThat(wrapped.directory()).isEqualTo(spec.directory());
  }

  @Test
  void shouldLeaveTheNetworkWhereItIsAskedFor() {
    ProcessSpec wrapped = OLD.wrap(policy(Network.HOST), spec(Path.of("/opt/tool"), "tool"));

    assertThat(wrapped.argv()).doesNotContain("--unshare-net");
  }

  @Test
  void shouldShowAProgramThatLiesElsewhere() {
    ProcessSpec wrapped = OLD.wrap(policy(Network.NONE), spec(Path.of("/opt/tool"), "tool"));

    assertThat(String.join(" ", wrapped.argv())).contains(" --ro-bind /opt/tool /opt/tool ");
  }

  @Test
  void shouldNameAProgramAsItIsCalledWhereThatIsPossible() {
    ProcessSpec wrapped = NEW.wrap(policy(Network.NONE), spec(Path.of("/opt/box"), "ls", "-l"));

    assertThat(String.join(" ", wrapped.argv())).endsWith(" --argv0 ls -- /opt/box -l");
  }

  @Test
  void shouldBindALinkThatLeadsToWhatIsNotSeen() throws IOException {
    Path target = Files.createFile(directory.resolve("target"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    Path below = Files.createDirectories(directory.resolve("a/b"));

    PrivateRoot root =
        PrivateRoot.of(List.of(link, below, directory.resolve("a"), directory.resolve("missing")));

    assertThat(root).isEqualTo(new PrivateRoot(List.of(), List.of(directory.resolve("a"), link)));
    assertThat(root.shows(below.resolve("c"))).isTrue();
    assertThat(root.shows(target)).isFalse();
  }

  private static ContainerPolicy policy(Network network, Path... readable) {
    return new ContainerPolicy(
        PrivateRoot.of(List.of(readable)), network, ByteSize.parse("1KiB"), FILTER);
  }

  private static ProcessSpec spec(Path executable, String... argv) {
    return new ProcessSpec(
        "node/run",
        executable,
        List.of(argv),
        Map.of("HOME", "/data/work/7", "TMPDIR", "/data/work/7/tmp", "PATH", "/usr/bin"),
        Path.of("/data/work/7"),
        new StdinSource.Empty(),
        Duration.ofSeconds(1),
        Duration.ofMillis(250));
  }
}
