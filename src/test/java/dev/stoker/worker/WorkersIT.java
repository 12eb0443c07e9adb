package dev.stoker.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Exit;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.tool.Tool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real workers: who serves whom, for how long, and how many there are. */
class WorkersIT extends WorkersFixture {
  private static final String ECHO =
      """
      for request in requests():
          answer(request, " ".join(request["arguments"]), len(request["arguments"]) - 1)
      """;

  @Test
  void shouldAnswerWithOutputAndExitCode() throws IOException {
    Tool tool = python(ECHO, "");

    RunOfWorker one = run(tool, "häß");
    RunOfWorker three = run(tool, "a", "b", "c");

    assertThat(one.exit()).isEqualTo(new Exit.Code(0));
    assertThat(one.output()).isEqualTo("häß");
    assertThat(three.exit()).isEqualTo(new Exit.Code(2));
    assertThat(three.output()).isEqualTo("a b c");
  }

  @Test
  void shouldServeOneRunAfterTheOtherInOneProcess() throws IOException {
    Tool tool = python(ECHO, "");

    List<Long> pids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      RunOfWorker run = run(tool, "x").awaitOver();
      assertThat(run.exit()).isEqualTo(new Exit.Code(0));
      pids.add(run.pid());
    }

    assertThat(pids).hasSize(20).containsOnly(pids.getFirst());
  }

  @Test
  void shouldStartAProcessAnewAfterSoManyUses() throws IOException {
    Tool tool = python(ECHO, ", maxUses: 3");

    List<Long> pids = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      pids.add(run(tool, "x").awaitOver().pid());
    }

    assertThat(pids.stream().distinct()).hasSize(3);
    assertThat(pids.subList(0, 3)).containsOnly(pids.getFirst());
    assertThat(pids.subList(3, 6)).containsOnly(pids.get(3));
    awaitGone(pids.getFirst());
  }

  @Test
  void shouldKeepNoMoreThanMaxProcessesAndServeInOrder() throws IOException {
    Tool tool =
        python(
            """
            for request in requests():
                time.sleep(0.1)
                answer(request, repr(time.time()))
            """,
            ", max: 2");

    List<RunOfWorker> runs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      runs.add(run(tool));
    }
    runs.forEach(RunOfWorker::awaitOver);

    assertThat(runs.stream().map(RunOfWorker::pid).distinct()).hasSizeLessThanOrEqualTo(2);
    List<Double> pairs = new ArrayList<>();
    for (int i = 0; i < 8; i += 2) {
      double one = Double.parseDouble(runs.get(i).output());
      pairs.add(Math.max(one, Double.parseDouble(runs.get(i + 1).output())));
    }
    assertThat(pairs).isSorted();
  }

  @Test
  void shouldNotLetTwoPrincipalsShareAProcess() throws IOException {
    Tool tool = python(ECHO, ", max: 1");

    long alice = run(tool, ALICE, "x").awaitOver().pid();
    long bob = run(tool, BOB, "x").awaitOver().pid();
    long again = run(tool, ALICE, "x").awaitOver().pid();

    assertThat(List.of(alice, bob, again)).doesNotHaveDuplicates();
    awaitGone(alice);
    awaitGone(bob);
  }

  @Test
  void shouldKeepAProcessForEachPrincipalWhileThereIsRoom() throws IOException {
    Tool tool = python(ECHO, ", max: 2");

    long alice = run(tool, ALICE, "x").awaitOver().pid();
    long bob = run(tool, BOB, "x").awaitOver().pid();

    assertThat(run(tool, ALICE, "x").awaitOver().pid()).isEqualTo(alice).isNotEqualTo(bob);
    assertThat(run(tool, BOB, "x").awaitOver().pid()).isEqualTo(bob);
  }

  @Test
  void shouldLetPrincipalsShareWhereTheToolSaysSo() throws IOException {
    Tool tool = python(ECHO, ", max: 1, sharing: anyone");

    long alice = run(tool, ALICE, "x").awaitOver().pid();

    assertThat(run(tool, BOB, "x").awaitOver().pid()).isEqualTo(alice);
  }

  @Test
  void shouldGiveWayToAPrincipalThatWaitsThoughAnotherGoesOnAsking() throws IOException {
    Tool tool =
        python(
            "for request in requests():\n    time.sleep(0.05)\n    answer(request, '')\n",
            ", max: 1");

    List<RunOfWorker> before = new ArrayList<>();
    List<RunOfWorker> after = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      before.add(run(tool, ALICE));
    }
    before.getFirst().awaitStarted();
    RunOfWorker bob = run(tool, BOB);
    for (int i = 0; i < 20; i++) {
      after.add(run(tool, ALICE));
    }
    bob.awaitOver();

    assertThat(after).as("those that came later").anyMatch(run -> !run.isOver());
    after.forEach(RunOfWorker::awaitOver);
    assertThat(before).allMatch(run -> run.exit().equals(new Exit.Code(0)));
  }

  @Test
  void shouldEndAProcessThatHasNothingToDo() throws IOException {
    Tool tool = python(ECHO, ", idle: 200ms");

    long pid = run(tool, "x").awaitOver().pid();

    awaitGone(pid);
    assertThat(run(tool, "x").awaitOver().pid()).isNotEqualTo(pid);
  }

  @Test
  void shouldStartAProcessAnewWhenItsFileChanges() throws IOException {
    Tool tool = python(ECHO, ", max: 2");
    long pid = run(tool, "x").awaitOver().pid();

    python(ECHO.replace("\" \".join", "\"new \" + \" \".join"), "");
    RunOfWorker changed = run(tool, "x").awaitOver();

    assertThat(changed.output()).isEqualTo("new x");
    awaitGone(pid);
  }

  @Test
  void shouldStartAProcessAnewWhenTheDefinitionChanges() throws IOException {
    long pid = run(python(ECHO, ", max: 1"), "x").awaitOver().pid();

    RunOfWorker changed = run(python(ECHO, ", max: 1", "environment: {A: b}"), "x").awaitOver();

    assertThat(changed.exit()).isEqualTo(new Exit.Code(0));
    assertThat(changed.pid()).isNotEqualTo(pid);
    awaitGone(pid);
  }

  @Test
  void shouldWorkSeveralRequestsAtOnceInOneProcess() throws IOException {
    Tool tool =
        python(
            """
            import threading
            lock = threading.Lock()
            def work(request):
                time.sleep(0.01)
                with lock:
                    answer(request, request["arguments"][0] + " " + request["sandboxDir"])
            for request in requests():
                threading.Thread(target=work, args=(request,)).start()
            """,
            ", multiplex: 4");

    List<RunOfWorker> runs = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      runs.add(run(tool, "number-" + i));
    }
    runs.forEach(RunOfWorker::awaitOver);

    for (int i = 0; i < 200; i++) {
      assertThat(runs.get(i).output()).startsWith("number-" + i + " r");
    }
    assertThat(runs.stream().map(RunOfWorker::pid).distinct()).hasSize(1);
  }

  @Test
  void shouldWriteNoFasterThanItIsRead() throws IOException {
    Tool tool = python("for request in requests():\n    answer(request, 'ä' * 200000)\n", "");

    RunOfWorker run = run(tool, ALICE, Flow.PAUSE);
    for (int chunks = 1; chunks <= 400_000 / (64 << 10); chunks++) {
      int soFar = chunks;
      await().until(() -> run.chunks() == soFar);
      assertThat(run.isOver()).isFalse();
      run.process().resume(StdStream.STDOUT);
    }
    await().until(() -> run.output().length() == 200_000);
    run.process().resume(StdStream.STDOUT);

    assertThat(run.awaitOver().output()).isEqualTo("ä".repeat(200_000));
  }

  @Test
  void shouldRefuseControlCharacters() throws IOException {
    Tool tool = python(ECHO, "");

    assertThatThrownBy(() -> run(tool, "a\nb"))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETERS);
              assertThat(e.violations().getFirst().field()).isEqualTo("params.words[0]");
            });
  }

  @Test
  void shouldRefuseControlCharactersThatTheCatalogItselfHas() throws IOException {
    Tool tool = fixed("command: [t, \"a\\tb\"]", "command: [python3]");

    assertThat(run(tool).startFailure()).contains("argument 1 holds a control character");
  }
}
