package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/train} and {@code bin/stoker}, in an installation of their own with the built jar. */
@Tag("patient")
class FastStartIT {
  private static final long PATIENCE_SECONDS = 300;
  private static final String MAIN = "dev.stoker.Main source: ";

  @TempDir Path home;
  private final Path checkout = Path.of(System.getProperty("stoker.home", ".")).toAbsolutePath();

  @BeforeEach
  void install() throws IOException {
    for (String directory : List.of("bin", "conf", "conf/tools", "src/main", "target")) {
      Files.createDirectories(home.resolve(directory));
    }
    for (String file :
        List.of(
            "bin/stoker", "bin/train", "bin/launch", "bin/jdk", "conf/stoker.yaml", "pom.xml")) {
      Files.copy(checkout.resolve(file), home.resolve(file));
    }
    // Last: whatever is newer would have it built again.
    Files.copy(checkout.resolve("target/stoker.jar"), jar());
  }

  @Test
  void shouldStartFromTheCacheOfThisVeryJarAndNeverFromAnother() throws Exception {
    assertThat(sourceOfMain()).startsWith("file:");

    assertThat(run("bin/train", "alone")).isEmpty();
    Path cache = caches().getFirst();
    FileTime made = Files.getLastModifiedTime(cache);
    assertThat(caches()).hasSize(1);
    assertThat(sourceOfMain()).startsWith("shared objects file");

    assertThat(run("bin/train", "alone")).isEmpty();
    assertThat(Files.getLastModifiedTime(cache)).isEqualTo(made);

    FileTime built = Files.getLastModifiedTime(jar());
    changeJar();
    Files.setLastModifiedTime(jar(), built);
    assertThat(sourceOfMain()).startsWith("file:");

    assertThat(run("bin/train", "alone")).isEmpty();
    assertThat(caches()).hasSize(1).doesNotContain(cache);
    assertThat(sourceOfMain()).startsWith("shared objects file");

    // As in an image, where the file's inode and ctime are others in each container.
    seal();
    assertThat(sourceOfMain()).startsWith("shared objects file");
    assertThat(home.resolve("target/aot/jar")).as("the jar was digested").doesNotExist();
    changeJar();
    assertThat(sourceOfMain()).startsWith("file:");
  }

  @Test
  void shouldStartWithoutACacheThatIsBroken() throws Exception {
    run("bin/train", "alone");
    Files.writeString(caches().getFirst(), "no cache");

    assertThat(sourceOfMain()).startsWith("file:");
  }

  @Test
  void shouldStartWithoutACacheWhereNoneCanBeMade() throws Exception {
    Files.writeString(home.resolve("target/aot"), "in the way");

    assertThat(run("bin/train", "alone")).contains("cannot be written");
    assertThat(sourceOfMain()).startsWith("file:");
  }

  private Path jar() {
    return home.resolve("target/stoker.jar");
  }

  private void changeJar() throws IOException {
    try (FileSystem files =
        FileSystems.newFileSystem(URI.create("jar:" + jar().toUri()), Map.of())) {
      Files.writeString(files.getPath("/changed" + System.nanoTime()), "now");
    }
  }

  private void seal() throws Exception {
    Files.delete(home.resolve("target/aot/jar"));
    long seconds = Files.getLastModifiedTime(jar()).to(TimeUnit.SECONDS);
    Files.writeString(
        home.resolve("target/aot/sealed"),
        Files.size(jar()) + ":" + seconds + " " + sha256(jar()) + "\n");
  }

  private static String sha256(Path file) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }

  private List<Path> caches() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("target/aot"))) {
      return files.filter(file -> file.toString().endsWith(".aot")).toList();
    }
  }

  /** Where the JVM of {@code bin/stoker} took the main class from. */
  private String sourceOfMain() throws Exception {
    Path loaded = home.resolve("loaded");
    Files.deleteIfExists(loaded);
    assertThat(run("bin/stoker", "--version")).startsWith("stoker ");
    try (Stream<String> lines = Files.lines(loaded)) {
      String line = lines.filter(one -> one.contains(MAIN)).findFirst().orElseThrow();
      return line.substring(line.indexOf(MAIN) + MAIN.length());
    }
  }

  /** What it said, on whichever stream. */
  private String run(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(home.resolve(program).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .put("STOKER_JAVA_OPTS", "-Xlog:class+load:file=" + home.resolve("loaded"));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(said).isTrue();
    return said;
  }
}
