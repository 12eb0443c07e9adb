package dev.stoker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stoker as its users have it: a JVM of its own. Closing ends it, whatever has happened. */
public final class StokerProcess implements AutoCloseable {
  private static final Pattern WELCOME =
      Pattern.compile("serves (https?://[^,]+), health and metrics on (http://\\S+)");
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Duration END_MAX = Duration.ofSeconds(60);
  private static final AtomicInteger STARTS = new AtomicInteger();

  private final Process process;
  private final Path out;
  private final Path err;
  private URI address = URI.create("http://not.started.invalid");
  private URI management = address;

  private StokerProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  public static StokerProcess start(StokerHome home) {
    return start(home, List.of());
  }

  /** The same with more on the command line. */
  public static StokerProcess start(StokerHome home, List<String> more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "serve",
                "--config",
                home.config().toString(),
                "--catalog",
                home.catalog().toString(),
                "--data",
                home.data().toString(),
                "--port",
                "0",
                "--management-port",
                "0"));
    arguments.addAll(more);
    StokerProcess stoker = run(home, arguments);
    try {
      await()
          .atMost(START_MAX)
          .failFast("it ended", () -> !stoker.process.isAlive())
          .until(() -> WELCOME.matcher(stoker.output()).find());
    } catch (RuntimeException e) {
      stoker.close();
      throw new IllegalStateException("Stoker did not start: " + stoker.errors(), e);
    }
    Matcher welcome = WELCOME.matcher(stoker.output());
    if (welcome.find()) {
      stoker.address = URI.create(welcome.group(1));
      stoker.management = URI.create(welcome.group(2));
    }
    return stoker;
  }

  /** Runs Stoker's command line in a home; nobody waits for it to serve. */
  public static StokerProcess run(StokerHome home, List<String> arguments) {
    return run(home, List.of(), arguments);
  }

  /**
   * The same.
   *
   * @param prefix a program, and its arguments, that becomes Stoker
   */
  public static StokerProcess run(StokerHome home, List<String> prefix, List<String> arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xmx" + home.heap(),
            "-Dstoker.home=" + System.getProperty("stoker.home", "."),
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(home.jvm());
    command.add("dev.stoker.Main");
    command.addAll(arguments);
    int number = STARTS.incrementAndGet();
    return launch(
        new ProcessBuilder(command).directory(home.directory().toFile()),
        home.directory().resolve("stoker-" + number + ".out"),
        home.directory().resolve("stoker-" + number + ".err"));
  }

  /** Launches what a builder says, its streams into files. */
  public static StokerProcess launch(ProcessBuilder builder, Path out, Path err) {
    try {
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      return new StokerProcess(process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI address() {
    return address;
  }

  public URI management() {
    return management;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it printed. */
  public String output() {
    return read(out);
  }

  /** What it logged, and its mistakes. */
  public String errors() {
    return read(err);
  }

  /** Dies here and now. */
  public void kill9() {
    process.destroyForcibly();
    exitCode();
  }

  /** Is asked to stop. */
  public void terminate() {
    process.destroy();
  }

  /** Waits for its end. */
  public int exitCode() {
    try {
      if (!process.waitFor(END_MAX.toSeconds(), SECONDS)) {
        throw new IllegalStateException("Stoker goes on and on: " + errors());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    exitCode();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
