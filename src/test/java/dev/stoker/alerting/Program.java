package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that a test needs, run to its end within a time. Immutable.
 *
 * @param name as it is found on the {@code PATH}
 * @param install the Debian package that has it
 */
record Program(String name, String install) {
  static final Program PROMTOOL = new Program("promtool", "prometheus");
  static final Program AMTOOL = new Program("amtool", "prometheus-alertmanager");
  static final Program NPM = new Program("npm", "npm");
  static final Program NODE = new Program("node", "nodejs");
  static final Program PYTHON = new Program("python3", "python3");

  private static final Duration TIME_MAX = Duration.ofMinutes(4);

  /** How it ended, and all that it printed. */
  record Said(int exitCode, String text) {
    /** What a program printed that has to succeed. */
    String succeeded() {
      assertThat(exitCode).as(text).isZero();
      return text;
    }
  }

  Said run(Path directory, String... arguments) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(List.of(arguments));
    try {
      Process process = start(new ProcessBuilder(command).directory(directory.toFile()));
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(TIME_MAX.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " does not end: " + text);
      }
      return new Said(process.exitValue(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Process start(ProcessBuilder builder) {
    try {
      return builder.redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "this test needs " + name + ": install Debian's " + install, e);
    }
  }
}
