package dev.stoker.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Somebody else's process on the machine, which listens on all kinds of sockets. */
final class Outsider implements AutoCloseable {
  private final Process process;
  private final int port;

  private Outsider(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * @param socket the path of its sockets, and the name of its abstract ones; those for datagrams
   *     have a {@code d} behind it
   */
  static Outsider start(Path programs, Path socket) {
    try {
      Process process =
          new ProcessBuilder(programs.resolve("sockets").toString(), "outsider", socket.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader said =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      return new Outsider(process, Integer.parseInt(String.valueOf(said.readLine())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
