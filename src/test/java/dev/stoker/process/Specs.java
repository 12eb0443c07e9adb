package dev.stoker.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A spec to be varied: a shell script, or a program with its arguments. Immutable. */
record Specs(
    String mark,
    Path executable,
    List<String> argv,
    Map<String, String> environment,
    Path directory,
    StdinSource stdin,
    Duration grace,
    Duration drain) {
  private static final AtomicInteger LAST = new AtomicInteger();
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  /** {@code /bin/sh -c script arguments…}, where the script knows the first one as {@code $1}. */
  static Specs script(Path directory, String script, String... arguments) {
    List<String> argv = new java.util.ArrayList<>(List.of("sh", "-c", script, "sh"));
    argv.addAll(List.of(arguments));
    return program(directory, "/bin/sh", argv);
  }

  static Specs program(Path directory, String executable, List<String> argv) {
    return new Specs(
        "test-" + ProcessHandle.current().pid() + "-" + LAST.incrementAndGet(),
        Path.of(executable),
        argv,
        ENVIRONMENT,
        directory,
        new StdinSource.Empty(),
        Duration.ofSeconds(5),
        Duration.ofMillis(250));
  }

  Specs with(StdinSource other) {
    return new Specs(mark, executable, argv, environment, directory, other, grace, drain);
  }

  Specs withGrace(Duration other) {
    return new Specs(mark, executable, argv, environment, directory, stdin, other, drain);
  }

  Specs withDrain(Duration other) {
    return new Specs(mark, executable, argv, environment, directory, stdin, grace, other);
  }

  Specs withEnvironment(Map<String, String> other) {
    return new Specs(mark, executable, argv, other, directory, stdin, grace, drain);
  }

  Specs withMark(String other) {
    return new Specs(other, executable, argv, environment, directory, stdin, grace, drain);
  }

  Specs in(Path other) {
    return new Specs(mark, executable, argv, environment, other, stdin, grace, drain);
  }

  ProcessSpec build() {
    return new ProcessSpec(mark, executable, argv, environment, directory, stdin, grace, drain);
  }
}
