package dev.stoker.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.ByteSize;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Origin;
import dev.stoker.run.Principal;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditIT {
  private static final AuditEntry ENTRY =
      AuditEntry.of(
          Action.CANCEL, new Principal("ann"), new Origin(Origin.Channel.HTTP, "::1", null));

  @TempDir Path directory;

  @Test
  void shouldWriteOneLineForEachEntryInTheirOrder() throws Exception {
    AuditSettings settings = AuditFixture.settings(directory);
    try (Audit audit = Audit.open(settings, "n1")) {
      for (int i = 0; i < 500; i++) {
        audit.record(ENTRY.run("run-" + i));
      }
    }

    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries).hasSize(500);
    for (int i = 0; i < 500; i++) {
      assertThat(entries.get(i).getString("run")).isEqualTo("run-" + i);
    }
    assertThat(entries.getFirst().fieldNames())
        .containsExactly("at", "action", "allowed", "principal", "run", "channel", "remote", "by");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings.file())))
        .isEqualTo("rw-------");
  }

  @Test
  void shouldSayWhyItWasRefusedAndKeepWhatACallerWroteOnOneShortLine() throws Exception {
    AuditSettings settings = AuditFixture.settings(directory);
    try (Audit audit = Audit.open(settings, "n1")) {
      audit.record(
          ENTRY
              .run("x\n{\"allowed\":true}" + "y".repeat(10_000))
              .refused(new ServiceException(ErrorCode.RUN_NOT_FOUND, "no")));
    }

    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries).hasSize(1);
    assertThat(entries.getFirst().getBoolean("allowed")).isFalse();
    assertThat(entries.getFirst().getString("code")).isEqualTo("run_not_found");
    assertThat(entries.getFirst().getString("run")).startsWith("x\n{").hasSize(200);
  }

  @Test
  void shouldGoOnAfterAnEarlierLifeAndAfterItsTornLine() throws Exception {
    AuditSettings settings = AuditFixture.settings(directory);
    Files.writeString(
        settings.file(), "{\"action\":\"whole\"}\n{\"action\":\"to", StandardCharsets.UTF_8);

    try (Audit audit = Audit.open(settings, "n1")) {
      audit.record(ENTRY);
    }

    List<String> lines = Files.readAllLines(settings.file());
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).isEqualTo("{\"action\":\"to");
    assertThat(new JsonObject(lines.get(2)).getString("action")).isEqualTo("run.cancel");
  }

  @Test
  void shouldBeginNewFilesAndKeepSoManyOldOnesAndNoMore() throws Exception {
    AuditSettings settings = small("4KiB", Duration.ofDays(1), 100_000);
    Path other = Files.writeString(directory.resolve("audit-notes.jsonl"), "mine");
    try (Audit audit = Audit.open(settings, "n1")) {
      for (int i = 0; i < 2000; i++) {
        audit.record(ENTRY.run("run-" + i));
      }
    }

    List<Path> files = files();
    assertThat(files).hasSize(settings.keep() + 2).contains(other);
    long bytes = 0;
    int last = -1;
    for (Path file : files) {
      if (!file.equals(other)) {
        assertThat(Files.size(file)).isLessThanOrEqualTo(settings.maxSize().bytes());
        bytes += Files.size(file);
        for (JsonObject entry : AuditFixture.entries(file)) {
          int number = Integer.parseInt(entry.getString("run").substring(4));
          assertThat(last == -1 || number == last + 1).as("%d after %d", number, last).isTrue();
          last = number;
        }
      }
    }
    assertThat(last).isEqualTo(1999);
    assertThat(bytes).isGreaterThan(settings.keep() * settings.maxSize().bytes() / 2);
  }

  @Test
  void shouldBeginANewFileWhenTheOldOneIsOld() throws Exception {
    AuditSettings settings = small("1MiB", Duration.ofMillis(1), 1000);
    try (Audit audit = Audit.open(AuditFixture.strict(settings, false, true), "n1")) {
      audit.record(ENTRY).await();
      long old = System.nanoTime() + Duration.ofMillis(5).toNanos();
      await().until(() -> System.nanoTime() > old);
      audit.record(ENTRY).await();
    }

    assertThat(files()).hasSize(2);
  }

  @Test
  void shouldLoseCountAndConfessWhatTheDiskHasNoRoomFor() throws Exception {
    Disk disk = Disk.mount(directory.resolve("disk"));
    try {
      AuditSettings settings = AuditFixture.strict(AuditFixture.settings(disk.path()), false, true);
      try (Audit audit = Audit.open(settings, "n1")) {
        audit.record(ENTRY.run("before")).await();
        Path filler = disk.fill();

        audit.record(ENTRY.run("lost-" + "x".repeat(150)).detail("y".repeat(190))).await();
        for (int i = 0; i < 40; i++) {
          audit.record(ENTRY.run("lost-" + "x".repeat(150)).detail("y".repeat(190))).await();
        }

        assertThat(audit.lost()).isPositive();
        assertThatThrownBy(audit::require)
            .isInstanceOfSatisfying(
                ServiceException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE));

        Files.delete(filler);
        await().ignoreExceptions().untilAsserted(audit::require);
        audit.record(ENTRY.run("after")).await();
        assertThat(AuditFixture.entries(settings.file()))
            .anySatisfy(
                entry -> {
                  assertThat(entry.getString("action")).isEqualTo("audit.lost");
                  assertThat(entry.getString("detail")).isEqualTo(audit.lost() + " entries");
                })
            .last()
            .satisfies(entry -> assertThat(entry.getString("run")).isEqualTo("after"));
      }
    } finally {
      disk.unmount();
    }
  }

  @Test
  void shouldGoOnOnceANewFileCanBeMade() throws Exception {
    Disk disk = Disk.mount(directory.resolve("disk"));
    AuditSettings settings = AuditFixture.strict(small(disk.path(), "4KiB"), false, true);
    try (Audit audit = Audit.open(settings, "n1")) {
      List<Path> names = disk.fillNames();
      for (int i = 0; i < 100 && audit.lost() == 0; i++) {
        audit.record(ENTRY.run("first-" + i)).await();
      }
      assertThat(audit.lost()).isPositive();

      for (Path name : names) {
        Files.delete(name);
      }

      await().ignoreExceptions().untilAsserted(audit::require);
      audit.record(ENTRY.run("after")).await();
      assertThat(AuditFixture.entries(settings.file()))
          .last()
          .satisfies(entry -> assertThat(entry.getString("run")).isEqualTo("after"));
    } finally {
      disk.unmount();
    }
  }

  @Test
  void shouldGoOnWhereSomebodyHasMovedTheFile() throws Exception {
    AuditSettings settings = AuditFixture.strict(small(directory, "4KiB"), false, true);
    try (Audit audit = Audit.open(settings, "n1")) {
      audit.record(ENTRY).await();
      Files.move(settings.file(), directory.resolve("mine"));

      for (int i = 0; i < 100; i++) {
        audit.record(ENTRY.run("run-" + i)).await();
      }

      assertThat(audit.lost()).isZero();
      assertThat(AuditFixture.entries(settings.file())).isNotEmpty();
    }
  }

  @Test
  void shouldLoseNothingWhereAnOldFileCannotBeRemoved() throws Exception {
    AuditSettings settings = AuditFixture.strict(small(directory, "4KiB"), false, true);
    Path stays = directory.resolve("audit-20200101T000000.000Z.jsonl");
    Files.createFile(Files.createDirectory(stays).resolve("in the way"));
    try (Audit audit = Audit.open(settings, "n1")) {
      for (int i = 0; i < 300; i++) {
        audit.record(ENTRY.run("run-" + i)).await();
      }

      assertThat(audit.lost()).isZero();
    }
    assertThat(files()).hasSize(settings.keep() + 2).contains(stays);
  }

  @Test
  void shouldKeepNobodyWaitingWhenTheDiskHangs() throws Exception {
    Disk disk = Disk.freezable(directory.resolve("disk"));
    AuditSettings settings = AuditFixture.strict(AuditFixture.settings(disk.path()), false, true);
    try (Audit audit = Audit.open(settings, "n1")) {
      audit.record(ENTRY.run("before")).await();
      disk.freeze();

      Future<Void> first = audit.record(ENTRY.run("first"));
      await().until(first::isComplete);
      assertThatThrownBy(audit::require)
          .isInstanceOfSatisfying(
              ServiceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE));
      Future<Void> second = audit.record(ENTRY.run("second"));
      assertThat(second.isComplete()).isTrue();
      assertThat(audit.late()).isEqualTo(2);

      disk.thaw();
      await().ignoreExceptions().untilAsserted(audit::require);
      audit.record(ENTRY.run("after")).await();
      assertThat(AuditFixture.entries(settings.file()))
          .extracting(entry -> entry.getString("run"))
          .containsExactly("before", "first", "second", "after");
      assertThat(audit.lost()).isZero();
      assertThat(audit.late()).isEqualTo(2);
    } finally {
      disk.thaw();
      disk.unmount();
    }
  }

  @Test
  void shouldNotRefuseWhereEntriesAreNotRequired() throws Exception {
    Disk disk = Disk.mount(directory.resolve("disk"));
    try (Audit audit = Audit.open(AuditFixture.settings(disk.path()), "n1")) {
      Path filler = disk.fill();
      for (int i = 0; i < 100; i++) {
        audit.record(ENTRY.run("x".repeat(200)));
      }
      await().until(() -> audit.lost() > 0);

      audit.require();
      assertThat(audit.record(ENTRY).succeeded()).isTrue();
      Files.delete(filler);
    } finally {
      disk.unmount();
    }
  }

  @Test
  void shouldKeepNothingWhereItIsOff() throws Exception {
    try (Audit audit = Audit.none()) {
      audit.record(ENTRY);
      audit.require();
      assertThat(audit.lost()).isZero();
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void shouldNotFollowALinkThatSomebodyPutInItsPlace() throws Exception {
    AuditSettings settings = AuditFixture.settings(directory);
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "");
    Files.createSymbolicLink(settings.file(), elsewhere);

    assertThatThrownBy(() -> Audit.open(settings, "n1")).isInstanceOf(IOException.class);
  }

  private static AuditSettings small(Path directory, String maxSize) {
    AuditSettings like = AuditFixture.settings(directory);
    return new AuditSettings(
        true,
        like.file(),
        ByteSize.parse(maxSize),
        like.maxAge(),
        like.keep(),
        like.sync(),
        like.waitingMax(),
        false,
        false);
  }

  private AuditSettings small(String maxSize, Duration maxAge, int waitingMax) {
    AuditSettings like = AuditFixture.settings(directory);
    return new AuditSettings(
        true,
        like.file(),
        ByteSize.parse(maxSize),
        maxAge,
        like.keep(),
        like.sync(),
        waitingMax,
        false,
        false);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      // The one that is being written has no time in its name, and comes last.
      return files.sorted(java.util.Comparator.comparing(AuditIT::order)).toList();
    }
  }

  private static String order(Path file) {
    String name = file.getFileName().toString();
    return name.equals("audit.jsonl") ? "z" : name;
  }
}
