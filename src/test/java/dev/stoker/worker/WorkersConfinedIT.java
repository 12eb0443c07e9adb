package dev.stoker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.run.Exit;
import dev.stoker.sandbox.SandboxSettings;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Workers whose processes are confined: they serve, end, and see nothing of others. */
class WorkersConfinedIT extends WorkersFixture {
  /** What Debian's Python needs. */
  private static final SandboxSettings SETTINGS =
      new SandboxSettings(
          List.of(Path.of("/usr"), Path.of("/etc/ld.so.cache")),
          new Resources(null, null, null, null, null, null));

  /** Evaluates the first argument in the request's directory; what it throws is the answer, too. */
  private static final String EVAL =
      """
      import socket
      home = os.getcwd()
      def write(path, text):
          with open(path, "w") as file:
              return file.write(text)
      for request in requests():
          os.chdir(request["sandboxDir"])
          try:
              answer(request, str(eval(request["arguments"][0])))
          except Exception as e:
              answer(request, type(e).__name__, 1)
          finally:
              os.chdir(home)
      """;

  private @Nullable Sandboxes sandboxes;

  @Override
  Starter cold() {
    Sandboxes opened = Sandboxes.open(SETTINGS, runner, Cgroups.open(SETTINGS.cgroups()));
    sandboxes = opened;
    return opened;
  }

  @Override
  Abilities abilities() {
    return Objects.requireNonNull(sandboxes);
  }

  @Override
  String isolation() {
    return "confined";
  }

  private Tool eval(String worker) throws IOException {
    return python(EVAL, worker, "readable: [" + directory.resolve("worker.py") + "]");
  }

  @Test
  void shouldServeOneRunAfterTheOtherInOneProcess() throws IOException {
    Tool tool = eval("");

    RunOfWorker first = run(tool, "write('a', 'text')").awaitOver();
    RunOfWorker second = run(tool, "os.listdir('.')").awaitOver();

    assertThat(first.output()).isEqualTo("4");
    assertThat(first.exit()).isEqualTo(new Exit.Code(0));
    assertThat(second.output()).isEqualTo("[]");
    assertThat(second.pid()).isEqualTo(first.pid());
  }

  @Test
  void shouldReachNothingOutside() throws IOException {
    Tool tool = eval("");
    Path secret = Files.writeString(directory.resolve("secret"), "secret");

    for (String attempt :
        List.of(
            "open('" + secret + "').read()",
            "os.listdir('" + directory + "')",
            "os.listdir('..' + '/../..')",
            "open('/etc/shadow').read()",
            "write('" + directory.resolve("planted") + "', 'x')",
            "socket.socket()",
            "os.setsid()")) {
      RunOfWorker tried = run(tool, attempt).awaitOver();

      assertThat(tried.output()).as(attempt).isEqualTo("PermissionError");
    }
    assertThat(directory.resolve("planted")).doesNotExist();
  }

  @Test
  void shouldKeepTwoPrincipalsApart() throws IOException {
    Tool tool = eval(", max: 2");

    RunOfWorker alice = run(tool, ALICE, "write(home + '/kept', 'x') and home").awaitOver();
    RunOfWorker bob = run(tool, BOB, "open('" + alice.output() + "/kept').read()").awaitOver();
    RunOfWorker signal = run(tool, BOB, "os.kill(" + alice.pid() + ", 9)").awaitOver();

    assertThat(alice.exit()).isEqualTo(new Exit.Code(0));
    assertThat(bob.pid()).isNotEqualTo(alice.pid());
    assertThat(bob.output()).isEqualTo("PermissionError");
    assertThat(signal.output()).isEqualTo("PermissionError");
    assertThat(run(tool, ALICE, "1").awaitOver().pid()).isEqualTo(alice.pid());
  }

  @Test
  void shouldEndARunThatHangsWithItsWorkerAndAllBelowIt() throws IOException {
    Tool tool = eval("");
    RunOfWorker hung = run(tool, "__import__('subprocess').run(['sleep', '1000'])").awaitStarted();

    hung.process().stop();

    assertThat(hung.exit()).isEqualTo(new Exit.Signal(15, "SIGTERM"));
    assertThat(living()).isEmpty();
    assertThat(run(tool, "1").awaitOver().output()).isEqualTo("1");
  }
}
