package dev.stoker.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountsTest {
  @TempDir Path directory;

  @Test
  void shouldFindItsOwnGroupsBelowEachMount() throws Exception {
    Path memory = Files.createDirectories(directory.resolve("memory"));
    Files.createDirectories(memory.resolve("a/b"));
    Path both = Files.createDirectories(directory.resolve("both"));
    Path unified = Files.createDirectories(directory.resolve("unified"));
    String mountInfo =
        """
        22 1 8:1 / / rw shared:1 - ext4 /dev/sda rw
        35 31 0:32 / %s rw,relatime - cgroup cgroup rw,memory
        36 31 0:33 / %s rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        41 31 0:38 / %s rw,relatime - cgroup2 cgroup2 rw
        """
            .formatted(memory, both, unified);

    Mounts mounts = Mounts.parse(mountInfo, "4:memory:/a/b\n2:cpu,cpuacct:/\n0::/\n");

    assertThat(mounts.unified()).contains(unified);
    assertThat(mounts.byController())
        .containsEntry("memory", memory.resolve("a/b"))
        .containsEntry("cpu", both)
        .containsEntry("cpuacct", both)
        .hasSize(3);
  }

  @Test
  void shouldFindWhatAContainerSeesOfItsPartOfTheTree() throws Exception {
    Path point = Files.createDirectories(directory.resolve("cgroup"));
    Files.createDirectories(point.resolve("own"));
    String mountInfo = "35 31 0:32 /docker/1 %s rw - cgroup2 cgroup rw\n".formatted(point);

    assertThat(Mounts.parse(mountInfo, "0::/docker/1/own\n").unified())
        .contains(point.resolve("own"));
    assertThat(Mounts.parse(mountInfo, "0::/docker/1\n").unified()).contains(point);
    // Named from outside, and not to be seen in here.
    assertThat(Mounts.parse(mountInfo, "0::/docker/2/x\n").unified()).contains(point);
    assertThat(Mounts.parse(mountInfo, "0::/../../x\n").unified()).contains(point);
  }

  @Test
  void shouldFindNothingWhereThereIsNothing() {
    assertThat(Mounts.parse("", "")).isEqualTo(Mounts.parse("x\n", "y\n"));
    assertThat(Mounts.parse("", "").unified()).isEmpty();
    assertThat(Mounts.parse("", "").byController()).isEmpty();
  }

  @Test
  void shouldTakeAMountPointWithASpace() throws Exception {
    Path point = Files.createDirectories(directory.resolve("a b"));
    String mountInfo =
        "35 31 0:32 / %s rw - cgroup2 cgroup rw\n"
            .formatted(point.toString().replace(" ", "\\040"));

    assertThat(Mounts.parse(mountInfo, "0::/\n").unified()).contains(point);
  }
}
