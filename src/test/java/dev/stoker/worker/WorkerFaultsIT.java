package dev.stoker.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of runs whose worker does not do what it should. */
class WorkerFaultsIT extends WorkersFixture {
  /** Does as the first argument says, in a thread of its own. */
  private static final String ANYTHING =
      """
      import threading
      lock = threading.Lock()
      def work(request):
          what = (request["arguments"] + ["ok"])[0]
          if what == "crash":
              sys.stderr.write("no more of\\nthis\\n")
              sys.stderr.flush()
              os._exit(3)
          if what == "signal":
              os.kill(os.getpid(), signal.SIGSEGV)
              # Another thread takes it, a moment later.
              time.sleep(1000)
          if what == "hang":
              time.sleep(1000)
          if what.startswith("sleep"):
              time.sleep(float(what[5:]))
          if what == "raw":
              with lock:
                  sys.stdout.write(request["arguments"][1].replace("~", "\\n"))
                  sys.stdout.flush()
              time.sleep(1000)
          if what == "endless":
              while True:
                  sys.stdout.write("x" * 65536)
          if what == "cut":
              sys.stdout.write('{"requestId": 0')
              sys.stdout.flush()
              os._exit(0)
          if what == "grow":
              globals()["kept"] = bytearray(int(request["arguments"][1]) << 20)
          if what == "child":
              import subprocess
              text = "kept = bytearray(90 << 20); print(1, flush=True); input()"
              child = subprocess.Popen(
                  [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
              child.stdout.readline()
              globals()["kept"] = child
          with lock:
              answer(request, "did " + what)
      for request in requests():
          if request.get("cancel"):
              with lock:
                  answer(request, "", 0, wasCancelled=True)
          else:
              threading.Thread(target=work, args=(request,), daemon=True).start()
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "crash | its worker ended with exit code 3 before it answered",
        "signal | its worker was ended by SIGSEGV before it answered",
        "cut | its worker ended with exit code 0 in the middle of a line",
      })
  void shouldSayHowItsWorkerEndedAndServeTheNextRunWithAnother(String what, String reason)
      throws IOException {
    Tool tool = python(ANYTHING, "");
    long before = run(tool, "ok").awaitOver().pid();

    RunOfWorker crashed = run(tool, what);
    RunOfWorker next = run(tool, "ok");

    assertThat(crashed.pid()).isIn(0L, before);
    assertThat(crashed.end().verdict()).isInstanceOf(Outcome.Failed.class);
    assertThat(crashed.reason()).isEqualTo(reason);
    assertThat(next.awaitOver().output()).isEqualTo("did ok");
    assertThat(next.pid()).isNotEqualTo(before);
  }

  @Test
  void shouldTellWhatAWorkerWroteOnlyToTheOneCallerThatItHad() throws IOException {
    Tool tool = python(ANYTHING, "");

    RunOfWorker only = run(tool, "crash").awaitOver();
    run(tool, "ok").awaitOver();
    RunOfWorker second = run(tool, "crash").awaitOver();
    run(tool, "ok").awaitOver();
    RunOfWorker third = run(tool, "raw", "of the one before~").awaitOver();

    assertThat(only.reason()).endsWith("before it answered: no more of this");
    assertThat(second.reason()).endsWith("before it answered");
    assertThat(third.reason()).endsWith("is not JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hello~ | is not JSON: 'hello'",
        "[1]~ | is not a JSON object",
        "{\"requestId\": 7}~ | it answered request 7, which it does not have",
        "{\"requestId\": 0, \"wasCancelled\": true}~ | which nobody had asked for",
        "{\"exitCode\": \"0\"}~ | no 32-bit number",
        "{\"output\": 5}~ | an output that is no text",
        "{}{}~ | is not JSON",
        "~~ | blank lines",
      })
  void shouldKillAWorkerThatBreaksTheProtocol(String written, String reason) throws IOException {
    Tool tool = python(ANYTHING, "");

    RunOfWorker broken = run(tool, "raw", written);

    assertThat(broken.reason()).startsWith("its worker broke the protocol").contains(reason);
    assertThat(broken.end().verdict()).isInstanceOf(Outcome.Failed.class);
    awaitGone(broken.pid());
    assertThat(run(tool, "ok").awaitOver().output()).isEqualTo("did ok");
  }

  @Test
  void shouldKillAWorkerThatWritesALineWithoutEnd() throws IOException {
    Tool tool = python(ANYTHING, "", "limits: {stdout: 1KiB}");

    RunOfWorker endless = run(tool, "endless");

    assertThat(endless.reason()).contains("a line of more than 71680 bytes");
    awaitGone(endless.pid());
  }

  @Test
  void shouldEndARunThatHangsWithItsWorker() throws IOException {
    Tool tool = python(ANYTHING, "");
    RunOfWorker hung = run(tool, "hang").awaitStarted();

    hung.process().stop();

    assertThat(hung.exit()).isEqualTo(new Exit.Signal(15, "SIGTERM"));
    assertThat(ProcessHandle.of(hung.pid())).isEmpty();
    assertThat(run(tool, "ok").awaitOver().output()).isEqualTo("did ok");
  }

  @Test
  void shouldKillAWorkerThatIgnoresTermAfterTheGrace() throws IOException {
    Tool tool =
        python("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + ANYTHING.stripIndent(), "");
    run(tool, "ok").awaitOver();
    RunOfWorker hung = run(tool, "hang").awaitStarted();

    hung.process().stop();

    assertThat(hung.exit()).isEqualTo(new Exit.Signal(9, "SIGKILL"));
  }

  @Test
  void shouldLetTheOthersGoOnInTheWorkerOfARunThatHangs() throws IOException {
    Tool tool = python(ANYTHING, ", multiplex: 4");
    RunOfWorker hung = run(tool, "hang").awaitStarted();
    List<RunOfWorker> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(run(tool, "sleep0.5").awaitStarted());
    }

    hung.process().stop();
    hung.awaitOver();
    RunOfWorker later = run(tool, "ok");

    assertThat(later.awaitOver().pid()).as("it takes no more").isNotEqualTo(hung.pid());
    for (RunOfWorker other : others) {
      assertThat(other.exit()).isEqualTo(new Exit.Code(0));
      assertThat(other.output()).isEqualTo("did sleep0.5");
      assertThat(other.pid()).isEqualTo(hung.pid());
    }
    awaitGone(hung.pid());
  }

  @Test
  void shouldSendTheOthersToAnotherWorkerWhereTheyMayRunTwice() throws IOException {
    Tool tool = python(ANYTHING, ", multiplex: 4", "retry: {attempts: 2, on: [lost]}");
    RunOfWorker hung = run(tool, "hang").awaitStarted();
    List<RunOfWorker> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(run(tool, "sleep1").awaitStarted());
    }

    hung.process().stop();

    assertThat(hung.exit()).isEqualTo(new Exit.Signal(9, "SIGKILL"));
    assertThat(ProcessHandle.of(hung.pid())).isEmpty();
    for (RunOfWorker other : others) {
      assertThat(other.exit()).isEqualTo(new Exit.Code(0));
      assertThat(other.output()).isEqualTo("did sleep1");
    }
  }

  @Test
  void shouldAskAWorkerThatCanToBreakARunOff() throws IOException {
    Tool tool = python(ANYTHING, ", multiplex: 2, cancel: true");
    RunOfWorker hung = run(tool, "hang").awaitStarted();
    RunOfWorker other = run(tool, "sleep0.3").awaitStarted();

    hung.process().stop();
    hung.awaitOver();

    assertThat(other.awaitOver().output()).isEqualTo("did sleep0.3");
    assertThat(run(tool, "ok").awaitOver().pid()).isEqualTo(hung.pid());
  }

  @Test
  void shouldKillAWorkerThatDoesNotBreakARunOffWithinTheGrace() throws IOException {
    Tool tool =
        python(
            """
            for request in requests():
                time.sleep(1000)
            """,
            ", cancel: true");
    RunOfWorker hung = run(tool, "x").awaitStarted();

    hung.process().stop();

    assertThat(hung.exit()).isEqualTo(new Exit.Signal(9, "SIGKILL"));
  }

  @Test
  void shouldNotStartARunThatIsStoppedWhileItWaits() throws IOException {
    Tool tool = python(ANYTHING, ", max: 1");
    RunOfWorker first = run(tool, "sleep0.3").awaitStarted();
    RunOfWorker waiting = run(tool, "ok");

    waiting.process().stop();

    assertThat(waiting.startFailure()).contains("stopped before it started");
    assertThat(first.awaitOver().output()).isEqualTo("did sleep0.3");
  }

  @Test
  void shouldEndAllRequestsOfAWorkerThatCrashes() throws IOException {
    Tool tool = python(ANYTHING, ", multiplex: 3");
    RunOfWorker one = run(tool, "hang").awaitStarted();
    RunOfWorker two = run(tool, "hang").awaitStarted();

    RunOfWorker crash = run(tool, "crash");

    for (RunOfWorker run : List.of(one, two, crash)) {
      assertThat(run.reason())
          .isEqualTo("its worker ended with exit code 3 before it answered any of 3 requests");
    }
  }

  @Test
  void shouldMakeAWorkerAnewThatKeepsTooMuchMemory() throws IOException {
    workers.close();
    workers = open(ByteSize.parse("100MiB"));
    Tool tool = python(ANYTHING, "");

    long small = run(tool, "grow", "5").awaitOver().pid();
    RunOfWorker large = run(tool, "grow", "90").awaitOver();
    awaitGone(large.pid());
    long next = run(tool, "ok").awaitOver().pid();

    assertThat(large.pid()).isEqualTo(small);
    assertThat(large.output()).as("it keeps to its limit").isEqualTo("did grow");
    assertThat(next).isNotEqualTo(small);
  }

  @Test
  void shouldMakeAWorkerAnewWhoseChildrenKeepTooMuchMemory() throws IOException {
    workers.close();
    workers = open(ByteSize.parse("100MiB"));
    Tool tool = python(ANYTHING, "");

    RunOfWorker large = run(tool, "child").awaitOver();
    awaitGone(large.pid());

    assertThat(large.output()).isEqualTo("did child");
    assertThat(run(tool, "ok").awaitOver().pid()).isNotEqualTo(large.pid());
  }

  @Test
  void shouldSayWhyAWorkerCannotBeStarted() throws IOException {
    Path program = Files.writeString(directory.resolve("program"), "#!/nowhere/interpreter\n");
    program.toFile().setExecutable(true);
    Tool tool = tool("command: [" + program + "]");

    assertThat(run(tool).startFailure()).startsWith("cannot start '").contains("interpreter");
  }

  @Test
  void shouldLeaveNoProcessWhenItIsClosed() throws IOException {
    Tool tool = python(ANYTHING, ", max: 2");
    RunOfWorker running = run(tool, "hang").awaitStarted();
    run(tool, "ok").awaitOver();

    workers.close();

    assertThat(living()).isEmpty();
    assertThat(running.isOver()).isTrue();
    await().until(() -> cells().isEmpty());
  }
}
