package dev.stoker;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be seen of the image without building it; {@code bin/image} builds and tries it. */
class ImageTest {
  private static final Path HOME = Path.of(System.getProperty("stoker.home", "."));
  private static final Pattern COPY = Pattern.compile("COPY (?!--from)(.+) (\\S+)");
  private static final Pattern TOOLS = Pattern.compile("ARG TOOLS=\"([^\"]+)\"");
  private static final Pattern COMMAND =
      Pattern.compile("^command:\\s*(?:\\[|\\n\\s*- )\\s*\"?([\\w.-]+)", Pattern.MULTILINE);

  /** What Debian's smallest system has. */
  private static final Set<String> BASE = Set.of("gzip", "printf", "sh", "sha256sum", "sleep");

  private final List<String> instructions = instructions();

  @Test
  void shouldCopyWhatIsThereAndNotIgnored() throws IOException {
    Set<String> let =
        Files.readAllLines(HOME.resolve(".dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .collect(HashSet::new, Set::add, Set::addAll);

    assertThat(copied().keySet())
        .isNotEmpty()
        .allMatch(file -> file.startsWith("target/") || Files.exists(HOME.resolve(file)))
        .allMatch(file -> let.stream().anyMatch(each -> (file + "/").startsWith(each + "/")));
  }

  /** The launcher finds everything by its own place. */
  @Test
  void shouldHaveWhatTheLauncherAndTheServiceLookFor() throws IOException {
    Map<String, String> copied = copied();
    for (String script : List.of("stoker", "launch", "train")) {
      Files.readAllLines(HOME.resolve("bin").resolve(script)).stream()
          .flatMap(
              line ->
                  Pattern.compile("\\$home/(bin/\\w+|target/\\w+\\.jar)").matcher(line).results())
          .map(found -> found.group(1))
          // The image has a run-time of its own, and no JDK to be found.
          .filter(file -> !file.equals("bin/jdk"))
          .forEach(file -> assertThat(copied).containsKey(file));
    }

    assertThat(copied)
        .containsEntry("conf/stoker.yaml", "/opt/stoker/conf/stoker.yaml")
        .containsEntry("conf/tools", "/opt/stoker/conf/tools")
        .containsEntry("cluster.xml", "/opt/stoker/cluster.xml")
        .containsEntry("lib", "/opt/stoker/lib")
        .containsEntry("target/stoker-sbom.json", "/opt/stoker/stoker-sbom.json");
    assertThat(instructions).contains("ENV STOKER_JAVA_HOME=/opt/java");
  }

  @Test
  void shouldRunAsAnOrdinaryUserWhateverTheTarget() {
    List<String> users = instructions.stream().filter(each -> each.startsWith("USER ")).toList();

    assertThat(users).containsExactly("USER 10001:10001", "USER root", "USER 10001:10001");
    assertThat(instructions.getLast()).isEqualTo("FROM stoker");
    assertThat(stage("stoker")).contains("USER 10001:10001").doesNotContain("USER root");
    assertThat(stage("stoker-tools").getLast()).isEqualTo("USER 10001:10001");
  }

  @Test
  void shouldBecomeTheServiceWithoutAShellBetween() {
    assertThat(stage("stoker"))
        .contains(
            "ENTRYPOINT [\"/opt/stoker/bin/stoker\"]",
            "STOPSIGNAL SIGTERM",
            "VOLUME /var/lib/stoker",
            "EXPOSE 8080 8081 5701 5702")
        .anyMatch(each -> each.startsWith("CMD [\"serve\", "));
    assertThat(instructions).noneMatch(each -> each.startsWith("ADD "));
  }

  /** Whoever builds says where images come from. */
  @Test
  void shouldNameNoRegistry() {
    assertThat(instructions.stream().filter(each -> each.matches("(ARG (BASE|JDK)=|FROM ).*")))
        .hasSizeGreaterThan(5)
        .noneMatch(each -> each.contains("/"));
  }

  /** As {@code bin/verify} has them: which package a program is of. */
  @Test
  void shouldHaveEachProgramOfTheShippedCatalogInTheToolsLayer() throws IOException {
    Map<String, String> packages = new TreeMap<>();
    Matcher need =
        Pattern.compile("([\\w-]+):([\\w-]+)")
            .matcher(Files.readString(HOME.resolve("bin/verify")));
    while (need.find()) {
      packages.put(need.group(1), need.group(2));
    }
    // The smallest system has mawk, too.
    packages.put("awk", "gawk");
    Set<String> wanted = new TreeSet<>();
    for (String program : programs()) {
      if (!BASE.contains(program)) {
        wanted.add(packages.getOrDefault(program, "of no known package: " + program));
      }
    }

    Set<String> installed = new TreeSet<>();
    Matcher tools = TOOLS.matcher(String.join("\n", instructions));
    while (tools.find()) {
      installed.addAll(Arrays.asList(tools.group(1).split(" ", -1)));
    }
    // For the static check of scripts, and workers.
    wanted.addAll(List.of("python3", "shellcheck"));
    assertThat(installed).isEqualTo(wanted);
  }

  private static Set<String> programs() throws IOException {
    Set<String> programs = new TreeSet<>();
    try (Stream<Path> files = Files.list(HOME.resolve("conf/tools"))) {
      for (Path file : files.toList()) {
        Matcher command = COMMAND.matcher(Files.readString(file));
        assertThat(command.find()).as(file.toString()).isTrue();
        programs.add(command.group(1));
      }
    }
    return programs;
  }

  /** From where in the checkout to where in the image. */
  private Map<String, String> copied() {
    Map<String, String> copied = new TreeMap<>();
    for (String instruction : instructions) {
      Matcher copy = COPY.matcher(instruction);
      if (copy.matches()) {
        for (String from : copy.group(1).split(" ", -1)) {
          copied.put(from, copy.group(2));
        }
      }
    }
    return copied;
  }

  private List<String> stage(String name) {
    int from = -1;
    for (int i = 0; i < instructions.size(); i++) {
      if (instructions.get(i).matches("FROM \\S+ AS " + name)) {
        from = i;
      }
    }
    assertThat(from).as("stage %s", name).isNotNegative();
    int to = from + 1;
    while (to < instructions.size() && !instructions.get(to).startsWith("FROM ")) {
      to++;
    }
    return instructions.subList(from, to);
  }

  /** Without comments, each on one line. */
  private static List<String> instructions() {
    try {
      String text =
          Files.readAllLines(HOME.resolve("Dockerfile")).stream()
              .filter(line -> !line.startsWith("#") && !line.isBlank())
              .collect(joining("\n"))
              .replace("\\\n", "");
      return new ArrayList<>(text.lines().toList());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
