package dev.stoker.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The programs that attack: made from their sources by gcc, or made already. */
final class Programs {
  private Programs() {}

  /** Compiles and copies all of {@code sources} into a directory. */
  static void make(Path sources, Path directory) {
    List<Process> compilers = new ArrayList<>();
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".c")) {
          Path program = directory.resolve(name.substring(0, name.length() - 2));
          compilers.add(
              new ProcessBuilder(
                      "gcc", "-O1", "-Wall", "-Wextra", "-o", program.toString(), file.toString())
                  .redirectErrorStream(true)
                  .start());
        } else if (name.endsWith(".sh")) {
          Path copy = Files.copy(file, directory.resolve(name.substring(0, name.length() - 3)));
          copy.toFile().setExecutable(true, false);
        }
      }
      for (Process compiler : compilers) {
        String said = new String(compiler.getInputStream().readAllBytes(), UTF_8);
        if (compiler.waitFor() != 0 || !said.isEmpty()) {
          throw new IllegalStateException("gcc, of Debian's gcc and libc6-dev, says: " + said);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the attacks need gcc and libc6-dev", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
