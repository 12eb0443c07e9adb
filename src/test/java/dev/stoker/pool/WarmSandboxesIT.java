package dev.stoker.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.Recording;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Digest;
import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import dev.stoker.run.Stdin;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmSandboxesIT extends WarmFixture {
  @ParameterizedTest
  @ValueSource(strings = {"confined", "container"})
  void shouldGiveARunASandboxThatWaited(String isolation) throws Exception {
    Tool tool = tool(isolation);

    Started started =
        start(
            tool,
            new StdinSource.Bytes("from stdin".getBytes(UTF_8)),
            "cat; echo; echo $1 \"$SPACED\"; test $HOME = $TMPDIR && test $HOME = $PWD && echo home;"
                + " echo made > $HOME/out; echo bad >&2; exit 3",
            "it's\nhere");
    Recording run = started.heard().awaitEnd();

    assertThat(run.stdout()).isEqualTo("from stdin\nit's here a  b'c\nhome\n");
    assertThat(run.stderr()).isEqualTo("bad\n");
    assertThat(run.exit()).isEqualTo(new Exit.Code(3));
    assertThat(started.cell().resolve("out")).hasContent("made");
    assertThat(warm.counts()).extracting("taken", "cold", "lost").containsExactly(1L, 0L, 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"confined", "container"})
  void shouldUseEachOnceAndMakeAnother(String isolation) throws Exception {
    Tool tool = tool(isolation);
    Set<Path> used = new HashSet<>();
    Set<Long> processes = new HashSet<>();

    for (int i = 0; i < 6; i++) {
      awaitReady(2);
      Started started =
          start(tool, new StdinSource.Empty(), "ls -A; ls -A /tmp; echo x > left; echo x > /tmp/x");
      started.heard().awaitEnd();
      assertThat(started.heard().stdout()).isEmpty();
      assertThat(used.add(started.cell())).isTrue();
      assertThat(processes.add(started.heard().pid())).isTrue();
    }

    assertThat(warm.counts().taken()).isEqualTo(6);
    awaitReady(2);
    assertThat(cells).hasSize(8);
  }

  @Test
  void shouldStartColdWhereNoneIsReadyOrNoneFits() throws Exception {
    Tool tool = tool("confined");
    Invocation plain = invocation("true");
    assertThat(warm.reserve(tool, plain, new Stdin.Blob(Digest.of(new byte[0])))).isEmpty();
    assertThat(warm.reserve(tool, invocation("x".repeat(20_000)), new Stdin.None())).isEmpty();
    Path first = warm.reserve(tool, plain, new Stdin.None()).orElseThrow();

    Recording cold = start(tool, make(), invocation("echo cold"), new StdinSource.Empty()).heard();

    assertThat(cold.awaitEnd().stdout()).isEqualTo("cold\n");
    assertThat(warm.counts().cold()).isEqualTo(2);
    warm.release(first, () -> {});
  }

  @Test
  void shouldMakeNoneThatItsMemoryDoesNotAllow() throws Exception {
    warm.close();
    warm = openWarm(1 << 10);
    Tool tool = tool("confined", "[sh]", "{warm: 2}");

    assertThat(run(tool, "echo well").stdout()).isEqualTo("well\n");
    assertThat(warm.counts().cold()).isEqualTo(1);
    assertThat(warm.memoryBytes()).isZero();
  }

  @Test
  void shouldMeasureWhatTheyTakeOfTheMemory() throws Exception {
    warm.close();
    // Less than two that have not been measured are taken for.
    warm = openWarm(7L << 20);
    tool("container", "[sh]", "{warm: 2}");

    awaitReady(2);

    assertThat(warm.memoryBytes()).isBetween(100L << 10, 7L << 20);
  }

  @Test
  void shouldReplaceOneThatDiedWhileItWaited() throws Exception {
    Tool tool = tool("container");
    List<ProcessHandle> before = alive();

    before.forEach(ProcessHandle::destroyForcibly);

    await().until(() -> warm.counts().lost() == 2);
    awaitReady(2);
    assertThat(run(tool, "echo well").stdout()).isEqualTo("well\n");
  }

  @Test
  void shouldRunColdInTheDirectoryOfOneThatDiedAfterItWasReserved() throws Exception {
    Tool tool = tool("confined");
    Set<ProcessHandle> both = new HashSet<>(alive());
    Path cell = warm.reserve(tool, invocation("echo"), new Stdin.None()).orElseThrow();
    both.forEach(ProcessHandle::destroyForcibly);
    await().until(() -> warm.counts().lost() == 2);

    Started started = start(tool, cell, invocation("pwd"), new StdinSource.Empty());

    assertThat(started.heard().awaitEnd().stdout()).isEqualTo(cell.toRealPath() + "\n");
    assertThat(cells).contains(cell);
  }

  @Test
  void shouldMakeThemAnewWhenTheToolChanges() throws Exception {
    Tool tool = tool("confined");
    Set<ProcessHandle> before = new HashSet<>(alive());

    Tool changed = tool("confined", "[sh]", "{warm: 1}");

    awaitReady(1);
    await().untilAsserted(() -> assertThat(alive()).doesNotContainAnyElementsOf(before));
    assertThat(changed.digest()).isNotEqualTo(tool.digest());
    assertThat(warm.reserve(tool, invocation("true"), new Stdin.None())).isEmpty();
    Files.delete(tools.resolve("warmed.yaml"));
    await().untilAsserted(() -> assertThat(alive()).isEmpty());
    assertThat(cells).isEmpty();
  }

  @Test
  void shouldMakeThemAnewWhenTheProgramChanges() throws Exception {
    Path program = Files.writeString(data.resolve("program"), "#!/bin/sh\necho old\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Tool tool = tool("container", "[%s]".formatted(program), "{warm: 1}");
    awaitReady(1);
    Path next = Files.writeString(data.resolve("next"), "#!/bin/sh\necho new\n");
    assertThat(next.toFile().setExecutable(true)).isTrue();
    Files.move(next, program, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    Invocation invocation =
        new Invocation(
            List.of(program.toString()), Map.of("PATH", "/usr/bin:/bin"), Map.of(), Map.of());
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              Optional<Path> reserved = warm.reserve(tool, invocation, new Stdin.None());
              assertThat(reserved).isPresent();
              Path cell = reserved.orElseThrow();
              Recording run = start(tool, cell, invocation, new StdinSource.Empty()).heard();
              assertThat(run.awaitEnd().stdout()).isEqualTo("new\n");
            });
  }

  @Test
  void shouldMakeThemAnewWhenTheyAreOld() throws Exception {
    tool("confined", "[sh]", "{warm: 1, maxAge: 1s}");
    awaitReady(1);
    Set<ProcessHandle> before = new HashSet<>(alive());

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(alive()).isNotEmpty().doesNotContainAnyElementsOf(before));

    assertThat(warm.counts().lost()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"confined", "container"})
  void shouldStopAsAColdOneDoes(String isolation) throws Exception {
    Tool tool = tool(isolation);
    Started kind =
        start(
            tool,
            new StdinSource.Empty(),
            "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    Started stubborn =
        start(
            tool,
            new StdinSource.Empty(),
            "trap '' TERM; sleep 100 & echo ready; while :; do sleep 0.05; done");
    for (Started started : List.of(kind, stubborn)) {
      await().until(() -> started.heard().stdout().equals("ready\n"));
    }

    kind.process().stop();
    stubborn.process().stop();

    assertThat(kind.heard().awaitEnd().exit()).isEqualTo(new Exit.Code(7));
    assertThat(kind.heard().stdout()).isEqualTo("ready\nbye\n");
    assertThat(stubborn.heard().awaitEnd().exit()).isEqualTo(Signals.byName("SIGKILL"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"confined", "container"})
  void shouldGiveADirectoryBackWhenNothingIsInIt(String isolation) throws Exception {
    Tool tool = tool(isolation);
    List<ProcessHandle> before = alive();
    Path cell = warm.reserve(tool, invocation("true"), new Stdin.None()).orElseThrow();
    AtomicBoolean free = new AtomicBoolean();

    warm.release(cell, () -> free.set(true));

    await().untilTrue(free);
    assertThat(before).filteredOn(ProcessHandle::isAlive).hasSizeLessThan(before.size());
    assertThat(cells).contains(cell);
  }

  @Test
  void shouldLeaveNothingBehindWhenItIsClosed() throws Exception {
    tool("container");
    assertThat(alive()).isNotEmpty();

    warm.close();

    assertThat(alive()).isEmpty();
    assertThat(cells).isEmpty();
    warm.close();
    assertThat(warm.counts().ready()).isZero();
  }
}
