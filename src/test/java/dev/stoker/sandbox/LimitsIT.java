package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.cgroup.CgroupSettings.Choice;
import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits against real processes: by this machine's control groups, and without any. */
@Timeout(180)
final class LimitsIT {
  private static final String OWNER = "limits-it-" + ProcessHandle.current().pid();

  abstract static class Limits {
    @TempDir Path directory;
    final Cgroups cgroups;
    final ProcessRunner runner = ProcessRunner.open(new ProcessSettings(2, EngineChoice.NATIVE));

    Limits(Choice choice) {
      cgroups = Cgroups.open(new CgroupSettings(choice, OWNER));
    }

    @AfterEach
    void close() {
      runner.close();
      cgroups.close();
    }

    LimitsTrial trial() {
      return new LimitsTrial(runner, cgroups, directory);
    }

    @Test
    void shouldEndAMemoryBombAndLeaveItsNeighbour() throws Exception {
      trial().memoryBomb();
    }

    @Test
    void shouldTellWhenAChildHadTooMuchMemory() throws Exception {
      trial().memoryBombInAChild();
    }

    @Test
    void shouldCountTheMemoryOfAllProcesses() throws Exception {
      trial().memoryOfAllTogether();
    }

    @Test
    void shouldNotMindWhatIsAllowed() throws Exception {
      trial().enoughMemory();
    }

    @Test
    void shouldHoldAForkBombAndLeaveItsNeighbour() throws Exception {
      trial().forkBomb();
    }

    @Test
    void shouldTellWhenARunWantedTooManyProcesses() throws Exception {
      trial().tooManyProcesses();
    }

    @Test
    void shouldLimitOpenFiles() throws Exception {
      trial().openFiles();
    }

    @Test
    void shouldEndARunThatWritesATooLargeFile() throws Exception {
      trial().fileSize();
    }
  }

  /** A machine without any that can be made fails here: look at the words. */
  @Nested
  class ByGroups extends Limits {
    ByGroups() {
      super(new Choice.Auto());
    }

    @Test
    void shouldHaveFoundGroups() {
      assertThat(cgroups.words()).startsWith("version ");
      assertThat(cgroups.limitsMemory() && cgroups.limitsTasks() && cgroups.limitsCpu())
          .as(cgroups.words())
          .isTrue();
    }

    @Test
    void shouldSlowDownByACpuQuota() throws Exception {
      trial().cpuQuota();
    }

    @Test
    void shouldTellTheUsageOfAllProcesses() throws Exception {
      trial().usageOfAll();
    }

    @Test
    void shouldCountEachRunForItself() throws Exception {
      trial().nothingOfTheRunBefore();
    }

    @Test
    void shouldLeaveNoGroupBehind() throws Exception {
      trial().enoughMemory();
      assertThat(groups()).isNotEmpty();

      runner.close();
      cgroups.close();

      assertThat(groups()).isEmpty();
    }

    @Test
    void shouldRemoveWhatAnEarlierLifeLeft() throws Exception {
      trial().enoughMemory();
      List<Path> left = groups();
      runner.close();

      Cgroups next = Cgroups.open(new CgroupSettings(new Choice.Auto(), OWNER));

      assertThat(left).isNotEmpty().noneMatch(group -> group.endsWith("2") && Files.exists(group));
      next.close();
      assertThat(groups()).isEmpty();
    }
  }

  @Nested
  class WithoutGroups extends Limits {
    WithoutGroups() {
      super(new Choice.Off());
    }

    @Test
    void shouldSayWhy() {
      assertThat(cgroups.words()).isEqualTo("none: isolation.cgroup is off");
    }
  }

  /** Every directory of the owner's, wherever groups are. */
  private static List<Path> groups() throws IOException {
    try (Stream<Path> all = Files.walk(Path.of("/sys/fs/cgroup"), 8)) {
      return all.filter(path -> path.toString().contains("/stoker." + OWNER))
          .filter(Files::isDirectory)
          .toList();
    }
  }
}
