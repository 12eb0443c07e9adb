package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.tool.ToolDefinition.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a confined process can do, and what it cannot, with real programs as attackers. */
class ConfinedIT extends ConfinedFixture {
  private final long self = ProcessHandle.current().pid();

  @Test
  void shouldReadWhatItMayAndWriteItsDirectory() throws IOException {
    Path cell = cell();

    Heard heard =
        shell(cell, "echo one > a; mkdir d; mv a d/b; ln d/b c; cat c; ls /usr >/dev/null");

    assertThat(heard.stderr()).isEmpty();
    assertThat(heard.stdout()).isEqualTo("one");
    assertThat(heard.end().exit()).isEqualTo(new Exit.Code(0));
    assertThat(Files.readString(cell.resolve("d/b"))).isEqualTo("one\n");
  }

  @Test
  void shouldReadNothingElse() throws IOException {
    Path neighbour = cell();
    Files.writeString(neighbour.resolve("secret"), "secret");

    Heard heard =
        shell(
            cell(),
            "for f in \"$@\"; do cat \"$f\" && echo \"READ $f\"; ls \"$f/\"; done",
            "/etc/shadow",
            "/root",
            "/proc/1/environ",
            "/proc/" + self + "/environ",
            "/proc/" + self + "/mem",
            "/proc/self/environ",
            neighbour.resolve("secret"),
            neighbour,
            temporary);

    assertThat(heard.stdout()).isEmpty();
    assertThat(heard.stderr()).contains("secret: Permission denied", "environ: Permission denied");
  }

  @Test
  void shouldNotReadWhatThisProcessHasOpen() {
    Path cell = cellWithThread();
    Heard heard =
        python(
            cell,
            """
            import os, sys
            opened = 0
            for task in sys.argv[1:]:
                for fd in range(0, 200):
                    for kind in (os.O_RDONLY | os.O_NONBLOCK, os.O_WRONLY | os.O_NONBLOCK):
                        try:
                            os.open(f"/proc/{task}/fd/{fd}", kind)
                            print(f"OPENED /proc/{task}/fd/{fd} {os.readlink(f'/proc/{task}/fd/{fd}')}")
                        except PermissionError:
                            opened += 1
                        except OSError:
                            pass
            print("refused" if opened > 0 else "nothing there")
            """,
            threads("").toArray());

    assertThat(heard.stdout()).as(heard.stderr()).isEqualTo("refused");
  }

  @Test
  void shouldWriteNothingElse() throws IOException {
    Path neighbour = cell();
    Path file = Files.writeString(neighbour.resolve("file"), "kept");

    Heard heard =
        shell(
            cell(),
            """
            echo x > "$1"; echo x >> "$1"; rm -f "$1"; mv "$1" here; ln "$1" here; ln -s x "$2/link"
            mkdir "$2/dir"; mkfifo "$2/fifo"; truncate -s 0 "$1"; chmod 000 "$2"; chmod 777 "$1"
            touch -d 2001-01-01 "$1"; echo x > /usr/x; echo x > /dev/zero; rmdir "$2"; ls
            """,
            file,
            neighbour);

    assertThat(heard.stdout()).isEmpty();
    assertThat(file).hasContent("kept");
    assertThat(neighbour).isDirectoryContaining(file::equals).isReadable();
    assertThat(Files.getPosixFilePermissions(file)).hasSizeLessThan(9);
    assertThat(Files.getLastModifiedTime(file).toInstant().toString()).doesNotStartWith("2001");
    assertThat(neighbour.toFile().list()).containsExactly("file");
  }

  @Test
  void shouldReachNothingByASocket() {
    Heard heard =
        python(
            cell(),
            """
            import socket
            kinds = [(socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_INET6, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_RAW),
                (socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_PACKET, socket.SOCK_RAW),
                (socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_VSOCK, socket.SOCK_STREAM)]
            for family, kind in kinds:
                try:
                    socket.socket(family, kind)
                    print("MADE", family, kind)
                except PermissionError:
                    print("refused")
            a, b = socket.socketpair()
            a.send(b"pair works"); print(b.recv(99).decode())
            """);

    assertThat(heard.stdout().lines().distinct()).containsExactly("refused", "pair works");
  }

  @Test
  void shouldSpeakToTheInternetOnlyWhereItMay() {
    Path cell = cell();
    ProcessSpec spec =
        spec(
            cell,
            "/usr/bin/python3",
            "-c",
            """
            import socket
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
            c = socket.create_connection(s.getsockname()); print("connected")
            for f in socket.AF_UNIX, socket.AF_PACKET, socket.AF_VSOCK:
                try:
                    socket.socket(f, socket.SOCK_STREAM); print("MADE")
                except PermissionError:
                    print("refused")
            """);

    Heard heard = run(spec.confined(policies.of(Network.HOST, List.of(), spec)));

    assertThat(heard.stdout()).isEqualTo("connected\nrefused\nrefused\nrefused");
  }

  @Test
  void shouldSignalAndTouchNobodyOutside() {
    Heard neighbour = start(confined(cell(), "/bin/sleep", "60"));
    neighbour.awaitStarted();
    Path cell = cellWithThread();
    List<Long> threads = threads("stoker-confined");

    Heard heard =
        python(
            cell,
            """
            import ctypes, os, resource, signal, sys
            libc = ctypes.CDLL(None, use_errno=True)
            SYS = {"tkill": 200, "tgkill": 234, "pidfd_open": 434, "pidfd_send_signal": 424, "ptrace": 101}
            def tried(name, call):
                try:
                    got = call()
                except OSError:
                    return
                if got is None or got >= 0:
                    print("DONE", name)
            jvm, neighbour = int(sys.argv[1]), int(sys.argv[2])
            for pid in [jvm, neighbour, -jvm] + [int(t) for t in sys.argv[3:]]:
                tried(f"kill {pid}", lambda: os.kill(pid, 0))
                tried(f"tkill {pid}", lambda: libc.syscall(SYS["tkill"], pid, 0))
                tried(f"tgkill {pid}", lambda: libc.syscall(SYS["tgkill"], jvm, pid, 0))
                tried(f"ptrace {pid}", lambda: libc.syscall(SYS["ptrace"], 16, pid, 0, 0))
                if pid > 0:
                    fd = libc.syscall(SYS["pidfd_open"], pid, 0x80)
                    tried(f"pidfd {pid}", lambda: libc.syscall(SYS["pidfd_send_signal"], fd, 0, 0, 0))
                if pid > 0:
                    tried(f"prlimit {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (9, 9)))
                    tried(f"affinity {pid}", lambda: os.sched_setaffinity(pid, {0}))
                    tried(f"priority {pid}", lambda: os.setpriority(os.PRIO_PROCESS, pid, 5))
            print("tried")
            """,
            Stream.concat(Stream.of(self, neighbour.pid()), threads.stream()).toArray());
    shell(cell(), "kill -9 -1");
    boolean alive = Files.exists(Path.of("/proc/" + neighbour.pid() + "/cwd"));
    neighbour.process().kill();
    neighbour.awaitEnd();

    assertThat(alive).as("whoever kills everybody kills himself").isTrue();
    assertThat(threads).isNotEmpty();
    assertThat(heard.stdout()).as(heard.stderr()).isEqualTo("tried");
  }

  @Test
  void shouldGainNothing() {
    Heard heard =
        shell(
            cell(),
            """
            unshare -U true && echo GAINED; unshare -m true && echo GAINED; mount -t tmpfs x . && echo GAINED
            setsid true && echo GAINED; chroot . && echo GAINED; mknod dev c 1 3 && echo GAINED
            grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; su -c true && echo GAINED
            echo tried
            """);

    assertThat(heard.stdout()).isEqualTo("tried");
  }

  @Test
  void shouldDieWithItsDaemonsThoughTheyForkTwice() {
    Path cell = cell();

    Heard heard =
        python(
            cell,
            """
            import os, time
            if os.fork() == 0:
                for leave in (os.setsid, lambda: os.setpgid(0, 0), lambda: os.setpgid(0, os.getppid())):
                    try:
                        leave(); print("LEFT", flush=True)
                    except PermissionError:
                        pass
                if os.fork() == 0:
                    print(os.getpid(), flush=True)
                    os.closerange(0, 3)
                    time.sleep(60)
                os._exit(0)
            os.wait(); time.sleep(0.1)
            """);

    assertThat(heard.stdout()).matches("\\d+");
    assertThat(heard.end().strays()).isPositive();
    assertThat(Path.of("/proc/" + heard.stdout())).doesNotExist();
  }

  @Test
  void shouldEndAGroupThatStopsItselfAndGiveGraceToOneThatCleansUp() {
    Heard stopped = start(confined(cell(), "/bin/sh", "-c", "echo up; kill -STOP 0; sleep 60"));
    stopped.awaitOutput("up").process().kill();
    Heard graceful =
        start(
            confined(
                cell(), "/bin/sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; sleep 60 & wait"));
    graceful.awaitOutput("up").process().stop();

    assertThat(stopped.awaitEnd().end().exit()).isInstanceOf(Exit.Signal.class);
    assertThat(graceful.awaitEnd().end().exit()).isEqualTo(new Exit.Code(3));
    assertThat(graceful.stdout()).isEqualTo("up\nbye");
  }

  @Test
  void shouldKillWhatIgnoresTermAfterItsGrace() {
    Heard heard =
        start(
            confined(cell(), "/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"));
    long sinceNanos = System.nanoTime();
    heard.awaitOutput("up").process().stop();
    heard.awaitEnd();

    assertThat(heard.end().exit()).isInstanceOf(Exit.Signal.class);
    assertThat(Duration.ofNanos(System.nanoTime() - sinceNanos)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void shouldUseAThreadAgainForTheSameRulesAndNoOther() {
    Path cell = cell();
    shell(cell, "echo x");
    List<Long> first = threads("stoker-confined");
    shell(cell, "echo x");
    List<Long> second = threads("stoker-confined");
    ProcessSpec other = spec(cell, "/bin/sh", "-c", "cat /etc/hostname");
    Heard heard =
        run(other.confined(policies.of(Network.NONE, List.of(Path.of("/etc/hostname")), other)));

    assertThat(second).isEqualTo(first);
    assertThat(threads("stoker-confined")).hasSize(first.size() + 1);
    assertThat(heard.stderr()).isEmpty();
  }

  @Test
  void shouldReadInputThatItMayNotOpenItself() throws IOException {
    Path input = Files.writeString(temporary.resolve("input"), "given");
    ProcessSpec spec = confined(cell(), "/bin/cat");
    ProcessSpec with =
        new ProcessSpec(
            spec.mark(),
            spec.executable(),
            spec.argv(),
            spec.environment(),
            spec.directory(),
            new StdinSource.File(input),
            spec.grace(),
            spec.drain(),
            spec.confinement());

    assertThat(run(with).stdout()).isEqualTo("given");
  }

  @Test
  void shouldNotChangeAnInputThatItShares() throws IOException {
    Path cell = cell();
    Path blob = Files.writeString(temporary.resolve("blob"), "kept");
    Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("r--r--r--"));
    Files.createLink(cell.resolve("in"), blob);

    Heard heard =
        shell(
            cell,
            "chmod 666 in; echo x >> in; : > in; truncate -s 0 in; dd if=/dev/zero of=in count=1");

    assertThat(blob).hasContent("kept");
    assertThat(heard.stderr()).contains("Permission denied");
  }

  /** One whose thread is there already, and will be used again: it can be told of. */
  private Path cellWithThread() {
    Path cell = cell();
    shell(cell, "true");
    return cell;
  }

  private static List<Long> threads(String prefix) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .filter(task -> comm(task).startsWith(prefix))
          .map(task -> Long.valueOf(task.getFileName().toString()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String comm(Path task) {
    try {
      return Files.readString(task.resolve("comm"));
    } catch (IOException e) {
      return "";
    }
  }
}
