package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Heard heard =
        python(
            cell(),
            """
            import os, sys
            opened = 0
            for task in os.sched_getaffinity and range(int(sys.argv[1]), int(sys.argv[1]) + 200):
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
            self);

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
}
