package dev.stoker.nemesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Small programs of the system, run to their end. Stateless. */
final class Shell {
  private static final int SECONDS_MAX = 20;

  private Shell() {}

  /**
   * What it printed.
   *
   * @throws IllegalStateException when it failed, with what it said
   */
  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Whether it ran and succeeded. */
  static boolean succeeds(String... command) {
    try {
      run(command);
      return true;
    } catch (IllegalStateException | UncheckedIOException e) {
      return false;
    }
  }

  /** Sends a signal, such as {@code STOP}. */
  static void signal(String name, long pid) {
    List<String> command = List.of("kill", "-" + name, Long.toString(pid));
    run(command.toArray(String[]::new));
  }
}
