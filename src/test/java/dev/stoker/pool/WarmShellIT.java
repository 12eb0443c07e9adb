package dev.stoker.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StdinSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real shell becomes exactly the program that it is told to. */
class WarmShellIT {
  /** What a shell, a terminal or a decoder could stumble over; the rest is any character. */
  private static final String HARD =
      "'\"\\$`!*?[]{}()<>|&;#~=%-\n\r\t \u0001\u007f\u0080\u0081\u0088\u00c1\u20ac\uffff";

  private static final int ROUNDS = 150;

  @TempDir Path directory;

  @Test
  void shouldPassEveryArgumentByteForByte() throws Exception {
    Random random = new Random(42);
    for (int round = 0; round < ROUNDS; round++) {
      List<String> values = words(random);
      List<String> argv = new ArrayList<>(List.of("printf", "%s\\0"));
      argv.addAll(values);

      String output = become(spec("/usr/bin/printf", argv, Map.of()), new byte[0]);

      assertThat(output).as("round %d", round).isEqualTo(String.join("\0", values) + "\0");
    }
  }

  @Test
  void shouldSetEveryVariableByteForByteAndNoOther() throws Exception {
    Random random = new Random(43);
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, String> environment = new HashMap<>();
      List<String> values = words(random);
      for (int i = 0; i < values.size(); i++) {
        environment.put("V" + i, values.get(i));
      }
      environment.put("IFS", values.getFirst());
      environment.put("PATH", "/usr/bin:/bin");
      environment.put("HOME", directory.toString());
      environment.put("TMPDIR", directory + "/tmp");

      String output = become(spec("/usr/bin/env", List.of("env", "-0"), environment), new byte[0]);

      Map<String, String> seen = new HashMap<>();
      for (String variable : output.substring(0, output.length() - 1).split("\0", -1)) {
        int equals = variable.indexOf('=');
        seen.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
      assertThat(seen).as("round %d", round).isEqualTo(environment);
    }
  }

  @Test
  void shouldLeaveTheProgramAllOfItsInput() throws Exception {
    byte[] input = new byte[100_000];
    new Random(44).nextBytes(input);

    String output = become(spec("/usr/bin/sha256sum", List.of("sha256sum"), Map.of()), input);

    byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(input);
    assertThat(output).startsWith(java.util.HexFormat.of().formatHex(digest));
  }

  @Test
  void shouldNameTheWorkDirectoryAsItIsCalledInside() throws Exception {
    ProcessSpec spec =
        spec(
            "/usr/bin/printf",
            List.of("printf", "%s ", directory + "/a b", directory.toString(), directory + "x"),
            Map.of());

    String output = become(spec, new byte[0], "/inside");

    assertThat(output).isEqualTo("/inside/a b /inside " + directory + "x ");
  }

  @ParameterizedTest
  @CsvSource({
    "printf, /usr/bin/printf, A, true",
    "/usr/bin/printf, /usr/bin/printf, A, true",
    "printf, /opt/printf, A, false",
    "./printf, /usr/bin/printf, A, false",
    "-printf, /usr/bin/-printf, A, false",
    "printf, /usr/bin/printf, A-B, false",
    "printf, /usr/bin/printf, PPID, false",
    "printf, /usr/bin/printf, stoker_w, false",
  })
  void shouldRefuseWhatAShellWouldDoOtherwise(
      String name, String executable, String variable, boolean taken) {
    Map<String, String> environment = Map.of("PATH", "/usr/bin:/bin", variable, "x");

    assertThat(WarmShell.takes(List.of(name), environment, Path.of(executable))).isEqualTo(taken);
  }

  private String become(ProcessSpec spec, byte[] input) throws Exception {
    return become(spec, input, directory.toString());
  }

  private static String become(ProcessSpec spec, byte[] input, String home) throws Exception {
    List<String> command = new ArrayList<>(WarmShell.argv());
    command.set(0, WarmShell.PROGRAM.toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("HOME", home);
    builder.environment().put("TMPDIR", home);
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(process.getInputStream().read()).isEqualTo(WarmShell.READY);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (OutputStream stdin = process.getOutputStream()) {
                    stdin.write(WarmShell.line(spec));
                    stdin.write(input);
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    writer.join();
    assertThat(process.waitFor()).isZero();
    return output;
  }

  private ProcessSpec spec(String executable, List<String> argv, Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.putIfAbsent("PATH", "/usr/bin:/bin");
    return new ProcessSpec(
        "test",
        Path.of(executable),
        argv,
        all,
        directory,
        new StdinSource.Empty(),
        Duration.ZERO,
        Duration.ZERO);
  }

  private static List<String> words(Random random) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(6); i++) {
      StringBuilder word = new StringBuilder();
      for (int length = random.nextInt(30); length > 0; length--) {
        int c =
            random.nextInt(3) == 0
                ? random.nextInt(0x110000)
                : HARD.charAt(random.nextInt(HARD.length()));
        boolean is = c != 0 && (c < 0xD800 || c > 0xDFFF);
        word.appendCodePoint(is ? c : 'x');
      }
      words.add(word.toString());
    }
    return words;
  }
}
