package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.ProcessSpec;
import dev.stoker.process.Recording;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Signals;
import dev.stoker.run.Usage;
import dev.stoker.tool.ToolDefinition.Network;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program in a container sees, what it can do, and that its end is told as it was. */
class ContainerIT extends ContainerFixture {
  @Test
  void shouldRunAProgramInItsWorkDirectory() throws Exception {
    Files.writeString(work.resolve("in"), "given");

    Recording run =
        run(
            script(
                "cat in; echo; pwd; echo $HOME $TMPDIR; echo made > out; echo $1 >&2",
                work + "/in"));

    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
    assertThat(run.stdout()).isEqualTo("given\n/run/work\n/run/work /run/work\n");
    assertThat(run.stderr()).isEqualTo("/run/work/in\n");
    assertThat(work.resolve("out")).hasContent("made");
    assertThat(Files.getOwner(work.resolve("out"))).isEqualTo(Files.getOwner(work));
  }

  @Test
  void shouldHaveARootOfItsOwn() throws Exception {
    Path secret = Files.writeString(data.resolve("secret"), "stoker's own");
    Files.createDirectories(data.resolve("work/neighbour"));

    Recording run =
        run(
            script(
                """
                ls / | tr '\\n' ' '; echo
                for f in /etc/shadow /root /home /proc/1/root/etc/shadow "$1" "$2" "${1%/*}"; do
                  test -e "$f" && echo "$f is there"
                done
                echo end
                """,
                secret.toString(), data.resolve("work/neighbour").toString()));

    assertThat(run.stdout()).isEqualTo("bin dev etc lib lib64 proc run sbin tmp usr \nend\n");
  }

  @Test
  void shouldSeeNoProcessButItsOwn() {
    Recording run = run(script("echo /proc/[0-9]*; kill -0 $1", pid()));

    assertThat(run.stdout()).isEqualTo("/proc/1 /proc/2\n");
    assertThat(run.exit()).isEqualTo(new Exit.Code(1));
    assertThat(run.stderr()).contains("No such process");
  }

  @Test
  void shouldHaveNoNetworkUnlessItIsGivenTheHosts() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String script =
          "import socket\nsocket.create_connection(('127.0.0.1', %d), 5)\nprint('connected')"
              .formatted(server.getLocalPort());

      Recording without = run(python(script));
      Recording with = run(policy(Network.HOST), python(script));

      assertThat(without.exit()).isEqualTo(new Exit.Code(1));
      assertThat(without.stderr()).contains("Operation not permitted");
      assertThat(with.stdout()).isEqualTo("connected\n");
    }
    assertThat(run(script("tail -n +3 /proc/net/dev | cut -d: -f1")).stdout().strip())
        .isEqualTo("lo");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/x", "/dev/x", "/usr/x", "/run/x", "/etc/x", "/proc/x", "/etc/passwd", "/bin/x"})
  void shouldWriteNowhereElse(String file) {
    Recording run = run(script("echo bad >> \"$1\" && echo written; echo good > /tmp/x", file));

    assertThat(run.stdout()).isEmpty();
    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
    assertThat(Path.of("/tmp/x")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tmp", "/dev/shm"})
  void shouldTakeSoMuchMemoryForFilesAndNoMore(String directory) {
    Recording run =
        run(script("head -c 100000000 /dev/zero > $1/big; stat -c %s $1/big", directory));

    assertThat(run.stderr()).contains("No space left on device");
    assertThat(Long.parseLong(run.stdout().strip())).isEqualTo(4 << 20);
  }

  @Test
  void shouldHaveNoPrivilegesAndGetNone() throws Exception {
    Path program = Files.copy(Path.of("/usr/bin/id"), data.resolve("set-uid-id"));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    run4755(program);

    Recording run =
        run(
            policy(Network.NONE, program),
            script(
                "grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status; id -u; $1 -u",
                program.toString()));

    assertThat(run.stdout())
        .isEqualTo(
            """
            CapPrm:\t0000000000000000
            CapEff:\t0000000000000000
            CapBnd:\t0000000000000000
            CapAmb:\t0000000000000000
            NoNewPrivs:\t1
            65534
            65534
            """);
  }

  @Test
  void shouldMakeNoNamespacesInIt() {
    Recording run = run(script("unshare --user true; unshare --net true; unshare --mount true"));

    assertThat(run.stderr().lines()).hasSize(3).allMatch(line -> line.contains("unshare failed"));
  }

  @Test
  void shouldStartUnderTheFilter() {
    Recording run = run(script("grep ^Seccomp: /proc/self/status"));

    assertThat(run.stdout()).isEqualTo("Seccomp:\t2\n");
  }

  @Test
  void shouldInheritNoDescriptor() {
    Recording run = run(script("exec ls /proc/self/fd"));

    // 3 is the directory that ls itself is reading.
    assertThat(run.stdout()).isEqualTo("0\n1\n2\n3\n");
  }

  @Test
  void shouldFeedAFileAndBytes() throws Exception {
    Path file = Files.writeString(data.resolve("blob"), "from a file");
    ProcessSpec cat = script("cat");

    assertThat(run(with(cat, new StdinSource.File(file))).stdout()).isEqualTo("from a file");
    assertThat(run(with(cat, new StdinSource.Bytes(new byte[100_000]))).stdout()).hasSize(100_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 77, 128, 255})
  void shouldTellTheExitCode(int code) {
    assertThat(run(script("exit " + code)).exit()).isEqualTo(new Exit.Code(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "SIGKILL", "SIGSEGV"})
  void shouldTellTheSignal(String name) {
    Recording run = run(script("kill -" + name.substring(3) + " $$"));

    assertThat(run.exit()).isEqualTo(Signals.byName(name));
    assertThat(run.end().verdict()).isNull();
  }

  @Test
  void shouldTellTimeAndMemory() {
    Recording run = run(python("x = bytearray(50_000_000)\nfor i in range(2_000_000): pass"));

    Usage usage = Objects.requireNonNull(run.end().usage());
    assertThat(usage.memoryPeakBytes()).isBetween(50_000_000L, 100_000_000L);
    assertThat(usage.cpuMillis()).isBetween(10L, 20_000L);
  }

  @Test
  void shouldSayThatTheSandboxFailedWhereTheProgramDidNotStart() {
    ProcessSpec spec = script("true");
    ProcessSpec missing =
        new ProcessSpec(
            spec.mark(),
            Path.of("/usr/bin/no-such-program"),
            List.of("no-such-program"),
            spec.environment(),
            spec.directory(),
            spec.stdin(),
            spec.grace(),
            spec.drain());

    Recording run = run(missing);

    assertThat(run.end().verdict()).isInstanceOf(Outcome.SandboxFailed.class);
    assertThat(run.stderr()).contains("bwrap: execvp /usr/bin/no-such-program");
  }

  private ProcessSpec python(String script) {
    ProcessSpec spec = script("true");
    return new ProcessSpec(
        spec.mark(),
        Path.of("/usr/bin/python3"),
        List.of("python3", "-I", "-c", script),
        Map.of("PATH", "/usr/bin:/bin"),
        spec.directory(),
        spec.stdin(),
        spec.grace(),
        spec.drain());
  }

  private static ProcessSpec with(ProcessSpec spec, StdinSource stdin) {
    return new ProcessSpec(
        spec.mark(),
        spec.executable(),
        spec.argv(),
        spec.environment(),
        spec.directory(),
        stdin,
        spec.grace(),
        spec.drain());
  }

  /** Java knows no set-uid bit. */
  private static void run4755(Path program) throws Exception {
    assertThat(new ProcessBuilder("chmod", "4755", program.toString()).start().waitFor()).isZero();
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }
}
