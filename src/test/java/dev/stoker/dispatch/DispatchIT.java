package dev.stoker.dispatch;

import static dev.stoker.dispatch.TestNode.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.stoker.output.OutputReader;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Exit;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Signals;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands through a real dispatcher, executor, ledger and cache to real processes. */
class DispatchIT {
  @TempDir Path data;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    Path traces = Files.createDirectory(data.resolve("traces"));
    node =
        new TestNode(
            data,
            Map.of(
                "echo.yaml", tool("echo", "[echo, \"${params.text}\"]", "", "{text: {}}"),
                "fail.yaml", tool("fail", "[sh, -c, 'echo oops >&2; exit 7']", ""),
                "crash.yaml", tool("crash", "[sh, -c, 'kill -SEGV $$']", ""),
                "sleep.yaml", tool("sleep", "[sleep, \"${params.s}\"]", "", "{s: {type: number}}"),
                "stubborn.yaml",
                    tool(
                        "stubborn",
                        "[sh, -c, \"trap '' TERM; echo up; sleep 60 & wait; sleep 60\"]",
                        ""),
                "lonely.yaml",
                    tool("lonely", "[sleep, '60']", "concurrency: {perNode: 1, queue: 2}"),
                "flood.yaml",
                    tool("flood", "[sh, -c, 'yes']", "limits: {stdout: 64KiB, onExceed: kill}"),
                "spill.yaml",
                    tool(
                        "spill",
                        "[sh, -c, 'head -c 3000000 /dev/zero; echo done >&2']",
                        "limits: {stdout: 10KiB, onExceed: truncate}"),
                "traced.yaml",
                    tool(
                        "traced",
                        "[sh, -c, 'mktemp "
                            + traces
                            + "/XXXXXX >/dev/null; sleep 0.5; echo \"$0\"',"
                            + " \"${params.text}\"]",
                        "cache: {ttl: 1h}",
                        "{text: {}}"),
                "again.yaml",
                    tool(
                        "again",
                        "[sh, -c, 'test $(ls "
                            + traces
                            + " | wc -l) -ge 2 && exit 0;"
                            + " mktemp "
                            + traces
                            + "/XXXXXX; exit 1']",
                        "retry: {attempts: 3, on: [failed]}")));
  }

  private static String tool(String name, String command, String more) {
    return tool(name, command, more, "{}");
  }

  private static String tool(String name, String command, String more, String parameters) {
    return """
        name: %s
        description: for the test
        command: %s
        parameters: {properties: %s}
        isolation: none
        %s
        """
        .formatted(
            name,
            command,
            parameters
                .replace("{text: {}}", "{text: {type: string, default: x}}")
                .replace("{s: {type: number}}", "{s: {type: number, default: 60}}"),
            more);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void shouldRunAToolAndTellHowItEnded() throws Exception {
    RunRecord run = run(node.command("echo").with("text", "hi there").build());

    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
    assertThat(run.stdout().text()).isEqualTo("hi there\n");
    assertThat(run.attempt()).isEqualTo(1);
    assertThat(run.cache()).isEqualTo(CacheUse.BYPASS);
    assertThat(result(node.runs.find(run.id()))).isEqualTo(run);
  }

  @Test
  void shouldTellAnExitCodeAndWhatWasWritten() throws Exception {
    RunRecord run = run(node.command("fail").build());

    assertThat(run.state()).isEqualTo(RunState.FAILED);
    assertThat(run.exit()).isEqualTo(new Exit.Code(7));
    assertThat(run.reason()).isEqualTo("exit code 7");
    assertThat(run.stderr().text()).isEqualTo("oops\n");
  }

  @Test
  void shouldTellTheSignalThatEndedATool() throws Exception {
    RunRecord run = run(node.command("crash").build());

    assertThat(run.state()).isEqualTo(RunState.FAILED);
    assertThat(run.exit()).isEqualTo(Signals.byNumber(11));
  }

  @Test
  void shouldEndARunWhoseDeadlinePasses() throws Exception {
    RunRecord run = run(node.command("stubborn").within(Duration.ofMillis(500)).build());

    assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
    assertThat(run.reason()).contains("500ms");
    assertThat(run.stdout().text()).as("partial output is kept").isEqualTo("up\n");
    assertThat(processesOf(run)).isEmpty();
  }

  @Test
  void shouldSayCancelledOnlyWhenTheTreeIsDead() throws Exception {
    Command command = node.command("stubborn").delivered(Delivery.DETACHED).build();
    result(node.submit(command));
    await().until(() -> !processesOf(command).isEmpty());

    RunRecord asked = result(node.runs.cancel(command.id(), "enough"));
    RunRecord again = result(node.runs.cancel(command.id(), "enough"));
    RunRecord ended = result(node.runs.await(command.id(), Duration.ofSeconds(10)));

    assertThat(asked.state()).isEqualTo(RunState.CANCELLING);
    assertThat(again.state()).isIn(RunState.CANCELLING, RunState.CANCELLED);
    assertThat(ended.state()).isEqualTo(RunState.CANCELLED);
    assertThat(ended.reason()).isEqualTo("enough");
    assertThat(processesOf(command)).isEmpty();
    assertThat(result(node.runs.cancel(command.id(), "late"))).isEqualTo(ended);
  }

  @Test
  void shouldCancelARunThatWaits() throws Exception {
    result(node.submit(node.command("lonely").delivered(Delivery.DETACHED).build()));
    Command second = node.command("lonely").delivered(Delivery.DETACHED).build();
    result(node.submit(second));

    RunRecord cancelled = result(node.runs.cancel(second.id(), "changed my mind"));

    assertThat(cancelled.state()).isEqualTo(RunState.CANCELLED);
    assertThat(cancelled.startedAt()).isNull();
    assertThat(node.dispatcher.load().queued()).isZero();
  }

  @Test
  void shouldTimeOutARunThatWaitsTooLong() throws Exception {
    result(node.submit(node.command("lonely").delivered(Delivery.DETACHED).build()));

    RunRecord run = run(node.command("lonely").within(Duration.ofMillis(300)).build());

    assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
    assertThat(run.reason()).contains("in the queue");
    assertThat(run.startedAt()).isNull();
  }

  @Test
  void shouldRefuseWhatTheToolsQueueCannotHold() throws Exception {
    List<Future<RunRecord>> accepted = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      accepted.add(node.submit(node.command("lonely").delivered(Delivery.DETACHED).build()));
    }
    for (Future<RunRecord> one : accepted) {
      result(one);
    }

    Future<RunRecord> refused = node.submit(node.command("lonely").build());

    assertThatThrownBy(() -> result(refused))
        .cause()
        .asInstanceOf(type(ServiceException.class))
        .satisfies(
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CAPACITY_EXCEEDED);
              assertThat(e.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
            });
    assertThat(run(node.command("echo").build()).state())
        .as("another tool is not held up")
        .isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void shouldServePrincipalsInTurnWhenSlotsAreScarce() throws Exception {
    List<Command> blockers = new ArrayList<>();
    for (int i = 0; i < TestNode.SLOTS; i++) {
      blockers.add(node.command("sleep").delivered(Delivery.DETACHED).build());
      result(node.submit(blockers.get(i)));
    }
    List<String> ended = new ArrayList<>();
    List<Future<RunRecord>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(ordered("greedy", ended));
    }
    all.add(ordered("modest", ended));
    await().until(() -> node.dispatcher.load().queued() == 7);

    result(node.runs.cancel(blockers.get(0).id(), "room"));
    for (Future<RunRecord> one : all) {
      result(one);
    }

    assertThat(ended.indexOf("modest")).isLessThanOrEqualTo(2);
  }

  private Future<RunRecord> ordered(String principal, List<String> ended) {
    return node.submit(node.command("echo").by(principal).build())
        .onSuccess(
            run -> {
              synchronized (ended) {
                ended.add(principal);
              }
            });
  }

  @Test
  void shouldStartOneProcessForEqualCommandsAtOnceAndServeTheNextFromTheCache() throws Exception {
    List<Future<RunRecord>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(node.submit(node.command("traced").build()));
    }
    Set<CacheUse> uses = new HashSet<>();
    for (Future<RunRecord> one : all) {
      RunRecord run = result(one);
      uses.add(run.cache());
      assertThat(run.stdout().text()).isEqualTo("x\n");
    }
    RunRecord later = run(node.command("traced").build());

    assertThat(traces()).isEqualTo(1);
    assertThat(uses).containsExactlyInAnyOrder(CacheUse.MISS, CacheUse.COLLAPSED);
    assertThat(later.cache()).isEqualTo(CacheUse.HIT);
  }

  @Test
  void shouldGoOnForTheOthersWhenTheFirstCallerLeaves() throws Exception {
    Command first = node.command("traced").build();
    Future<RunRecord> firsts = node.submit(first);
    await().until(() -> traces() == 1);
    Future<RunRecord> seconds = node.submit(node.command("traced").build());

    node.runs.leave(first.id());

    assertThat(result(seconds).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(result(seconds).cache()).isEqualTo(CacheUse.COLLAPSED);
    assertThat(traces()).isEqualTo(1);
    assertThat(firsts.isComplete()).as("nobody answers who has left").isFalse();
  }

  @Test
  void shouldRunAnewForThoseWhoJoinedARunThatWasCancelled() throws Exception {
    Command first = node.command("traced").build();
    Future<RunRecord> firsts = node.submit(first);
    await().until(() -> traces() == 1);
    Future<RunRecord> seconds = node.submit(node.command("traced").build());
    Future<RunRecord> thirds = node.submit(node.command("traced").build());

    result(node.runs.cancel(first.id(), "mine only"));

    assertThat(result(firsts).state()).isEqualTo(RunState.CANCELLED);
    assertThat(result(seconds).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(result(thirds).id()).isEqualTo(result(seconds).id());
    assertThat(traces()).isEqualTo(2);
  }

  @Test
  void shouldGoRoundTheCacheWhenAsked() throws Exception {
    RunRecord first = run(node.command("traced").build());
    RunRecord anew = run(node.command("traced").cache(CacheControl.NO_CACHE).build());
    RunRecord hit = run(node.command("traced").build());
    run(node.command("traced").with("text", "other").cache(CacheControl.NO_STORE).build());
    RunRecord other = run(node.command("traced").with("text", "other").build());

    assertThat(anew.id()).isNotEqualTo(first.id());
    assertThat(hit.id()).as("no-cache stores its result").isEqualTo(anew.id());
    assertThat(other.cache()).as("no-store does not").isEqualTo(CacheUse.MISS);
  }

  @Test
  void shouldCancelARunWhoseCallerHasGone() throws Exception {
    Command command = node.command("stubborn").build();
    node.submit(command);
    await().until(() -> !processesOf(command).isEmpty());

    node.runs.leave(command.id());

    await()
        .until(
            () -> {
              RunRecord run = result(node.runs.find(command.id()));
              return run.state() == RunState.CANCELLED;
            });
    assertThat(processesOf(command)).isEmpty();
  }

  @Test
  void shouldKeepARunWhoseCallerHasGoneAndSaidThatTheyComeBack() throws Exception {
    Command.IdempotencyKey key = new Command.IdempotencyKey("back", Digest.of(new byte[0]));
    Command first = node.command("sleep").with("s", 1).named(key).build();
    Future<RunRecord> firsts = node.submit(first);
    await().until(() -> !processesOf(first).isEmpty());

    node.runs.leave(first.id());
    RunRecord again = run(node.command("sleep").with("s", 1).named(key).build());

    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(firsts.isComplete()).isFalse();
  }

  @Test
  void shouldKillAToolThatWritesTooMuchOrCutWhatItWrites() throws Exception {
    RunRecord killed = run(node.command("flood").build());
    RunRecord cut = run(node.command("spill").build());

    assertThat(killed.state()).isEqualTo(RunState.OUTPUT_LIMIT);
    assertThat(killed.stdout().bytes()).isEqualTo(64 * 1024);
    assertThat(cut.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(cut.stdout().bytes()).isEqualTo(10 * 1024);
    assertThat(cut.stdout().truncated()).isTrue();
    assertThat(cut.stderr().text()).isEqualTo("done\n");
  }

  @Test
  void shouldPassAStreamWithoutBound() throws Exception {
    Command command = node.command("spill").delivered(Delivery.STREAM).build();
    CompletableFuture<OutputReader> opened = new CompletableFuture<>();
    node.outputs.expect(command.id(), opened::complete);
    Future<RunRecord> ended = node.submit(command);
    OutputReader reader = opened.get(10, TimeUnit.SECONDS);

    long read = 0;
    while (!reader.ended() || read < reader.size()) {
      result(reader.more(read));
      read += result(reader.read(read, 100_000)).length();
    }

    assertThat(read).isEqualTo(3_000_000);
    assertThat(result(ended).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void shouldEndAStreamThatNobodyReadsAtItsDeadline() throws Exception {
    Command command =
        node.command("flood").delivered(Delivery.STREAM).within(Duration.ofSeconds(1)).build();

    RunRecord run = run(command);

    assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
    assertThat(processesOf(command)).isEmpty();
  }

  @Test
  void shouldTryAgainAfterAFailureOnlyWhereTheToolSaysSo() throws Exception {
    RunRecord run = run(node.command("again").build());

    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(run.attempt()).isEqualTo(3);
  }

  @Test
  void shouldGiveTheSameRunForTheSameIdempotencyKey() throws Exception {
    Digest fingerprint = Digest.of(new byte[] {1});
    Command.IdempotencyKey key = new Command.IdempotencyKey("k", fingerprint);
    RunRecord first =
        result(node.submit(node.command("echo").delivered(Delivery.DETACHED).named(key).build()));
    RunRecord second =
        result(node.submit(node.command("echo").delivered(Delivery.DETACHED).named(key).build()));
    RunRecord third = run(node.command("echo").named(key).build());
    Command.IdempotencyKey stolen = new Command.IdempotencyKey("k", Digest.of(new byte[] {2}));

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(third.id()).isEqualTo(first.id());
    assertThat(third.state()).isEqualTo(RunState.SUCCEEDED);
    assertThatThrownBy(() -> run(node.command("echo").named(stolen).build()))
        .cause()
        .asInstanceOf(type(ServiceException.class))
        .extracting(ServiceException::code)
        .isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT);
  }

  @Test
  void shouldLeaveNothingBehind() throws Exception {
    for (int i = 0; i < 50; i++) {
      run(node.command("echo").with("text", "n" + i).build());
    }

    await().until(() -> node.outputs.open() == 0 && node.executor.slotsUsed() == 0);
    assertThat(node.dispatcher.load().running()).isZero();
    try (Stream<Path> left = Files.list(data.resolve("spool"))) {
      assertThat(left).isEmpty();
    }
  }

  private RunRecord run(Command command) throws Exception {
    return result(node.submit(command));
  }

  private long traces() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("traces"))) {
      return files.count();
    }
  }

  private static List<Long> processesOf(RunRecord run) {
    return Processes.markedWith("test/" + run.id());
  }

  private static List<Long> processesOf(Command command) {
    return Processes.markedWith("test/" + command.id());
  }
}
