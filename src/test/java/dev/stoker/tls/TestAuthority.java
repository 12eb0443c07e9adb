package dev.stoker.tls;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An authority of a test, and what it signs, made with the {@code openssl} program: nothing here
 * can be too old one day.
 */
public final class TestAuthority {
  private final Path directory;

  public TestAuthority(Path directory) throws Exception {
    this.directory = directory;
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority"
            + " -keyout ca.key -out ca.pem");
  }

  /** The authority's own certificate. */
  public Path certificate() {
    return directory.resolve("ca.pem");
  }

  /** A certificate and its key. */
  public record Pair(Path certificate, Path key) {}

  /**
   * Makes a certificate for 127.0.0.1.
   *
   * @param kind of key, as {@code openssl req -newkey} has it
   */
  public Pair sign(String name, String kind, int days) throws Exception {
    openssl(
        "req -newkey %s -nodes -subj /CN=%s -keyout %s.key -out %s.csr"
            .formatted(kind, name, name, name));
    Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=IP:127.0.0.1\n");
    openssl(
        "x509 -req -in %s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days %d -extfile %s.ext -out %s.pem"
            .formatted(name, days, name, name));
    return new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
  }

  /** The usual. */
  public Pair sign(String name) throws Exception {
    return sign(name, "ec -pkeyopt ec_paramgen_curve:P-256", 2);
  }

  /** Runs the program in the directory; says what to install where there is none. */
  public String openssl(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ")));
    Path said = directory.resolve("openssl.out");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .redirectOutput(said.toFile())
              .start();
    } catch (java.io.IOException e) {
      throw new IllegalStateException("install openssl (Debian: apt-get install openssl)", e);
    }
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("openssl " + arguments + " goes on and on");
    }
    return Files.readString(said);
  }
}
