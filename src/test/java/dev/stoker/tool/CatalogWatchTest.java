package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalog follows its directory, with real files. */
class CatalogWatchTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path root;
  private Path directory;
  private Path programs;

  @BeforeEach
  void makeDirectories() throws IOException {
    directory = Files.createDirectory(root.resolve("tools"));
    programs = Files.createDirectory(root.resolve("bin"));
    program("one");
  }

  @Test
  void shouldKeepTheOldToolWhileItsFileIsBroken() throws IOException {
    write("a", "first");
    try (Catalog catalog = open()) {
      Digest before = tool(catalog, "a").digest();

      Files.writeString(directory.resolve("a.yaml"), "name: a\ncommand: [\n");
      await().atMost(SOON).until(() -> !catalog.problems().isEmpty());

      assertThat(catalog.problems()).extracting(CatalogProblem::file).containsExactly("a.yaml");
      assertThat(tool(catalog, "a").digest()).isEqualTo(before);

      write("a", "second");
      await().atMost(SOON).until(() -> catalog.problems().isEmpty());

      assertThat(tool(catalog, "a").definition().description()).isEqualTo("second");
      assertThat(tool(catalog, "a").digest()).isNotEqualTo(before);
    }
  }

  @Test
  void shouldKeepWhatAFileSaidBeforeABrokenFileOfAnotherTool() throws IOException {
    write("a", "first");
    try (Catalog catalog = open()) {
      Files.writeString(directory.resolve("b.yaml"), "name: c\n");
      await().atMost(SOON).until(() -> !catalog.problems().isEmpty());

      assertThat(catalog.tools()).extracting(Tool::name).containsExactly("a");
    }
  }

  @Test
  void shouldFollowAFileThatIsRenamedOver() throws IOException {
    write("a", "first");
    try (Catalog catalog = open()) {
      Path fresh = directory.resolve("a.yaml.tmp");
      Files.writeString(fresh, yaml("a", "other"));
      Files.move(fresh, directory.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);

      await().atMost(SOON).until(() -> isDescribed(catalog, "a", "other"));
    }
  }

  @Test
  void shouldFollowALinkThatLeadsElsewhere() throws IOException {
    Path v1 = Files.createDirectory(directory.resolve("..v1"));
    Path v2 = Files.createDirectory(directory.resolve("..v2"));
    Files.writeString(v1.resolve("a.yaml"), yaml("a", "first"));
    Files.writeString(v2.resolve("a.yaml"), yaml("a", "other"));
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..v1"));
    Files.createSymbolicLink(directory.resolve("a.yaml"), Path.of("..data", "a.yaml"));
    try (Catalog catalog = open()) {
      assertThat(isDescribed(catalog, "a", "first")).isTrue();

      Files.createSymbolicLink(directory.resolve("..next"), Path.of("..v2"));
      Files.move(
          directory.resolve("..next"), directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

      await().atMost(SOON).until(() -> isDescribed(catalog, "a", "other"));
    }
  }

  /** What a kubelet does to a ConfigMap's volume, step by step. */
  @Test
  void shouldFollowAConfigMapThatIsMounted() throws IOException {
    mount("..2026_01", List.of("a", "b"), "first");
    try (Catalog catalog = open()) {
      assertThat(catalog.tools()).extracting(Tool::name).containsExactly("a", "b");

      mount("..2026_02", List.of("b", "c"), "other");
      Files.delete(directory.resolve("a.yaml"));
      for (String file : List.of("a.yaml", "b.yaml")) {
        Files.delete(directory.resolve("..2026_01").resolve(file));
      }
      Files.delete(directory.resolve("..2026_01"));

      await().atMost(SOON).until(() -> catalog.find("c").isPresent());
      assertThat(catalog.tools()).extracting(Tool::name).containsExactly("b", "c");
      assertThat(isDescribed(catalog, "b", "other")).isTrue();
      assertThat(catalog.problems()).isEmpty();
    }
  }

  private void mount(String version, List<String> tools, String description) throws IOException {
    Path content = Files.createDirectory(directory.resolve(version));
    for (String tool : tools) {
      Files.writeString(content.resolve(tool + ".yaml"), yaml(tool, description));
    }
    Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of(version));
    Files.move(
        directory.resolve("..data_tmp"),
        directory.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE);
    for (String tool : tools) {
      Path visible = directory.resolve(tool + ".yaml");
      if (!Files.isSymbolicLink(visible)) {
        Files.createSymbolicLink(visible, Path.of("..data", tool + ".yaml"));
      }
    }
  }

  @Test
  void shouldAddAndRemoveTools() throws IOException {
    write("a", "first");
    try (Catalog catalog = open()) {
      AtomicInteger changes = new AtomicInteger();
      catalog.onChange(changes::incrementAndGet);
      long before = catalog.generation();

      write("b", "second");
      await().atMost(SOON).until(() -> catalog.find("b").isPresent());
      Files.delete(directory.resolve("a.yaml"));
      await().atMost(SOON).until(() -> catalog.find("a").isEmpty());

      assertThat(catalog.generation()).isEqualTo(before + 2);
      await().atMost(SOON).untilAsserted(() -> assertThat(changes).hasValue(2));
    }
  }

  @Test
  void shouldNotGrowWhenNothingHasChanged() throws IOException {
    write("a", "first");
    try (Catalog catalog = open()) {
      Tool before = tool(catalog, "a");
      long generation = catalog.generation();

      Files.writeString(directory.resolve("notes.txt"), "not a tool");
      Files.writeString(directory.resolve(".a.yaml.swp"), "not a tool");
      write("a", "first");
      write("b", "marks that the directory was read");
      await().atMost(SOON).until(() -> catalog.find("b").isPresent());

      assertThat(tool(catalog, "a")).isSameAs(before);
      assertThat(catalog.generation()).isEqualTo(generation + 1);
    }
  }

  @Test
  void shouldKeepItsToolsWhenTheDirectoryIsGone() throws IOException {
    write("a", "first");
    try (Catalog catalog = open()) {
      Files.move(directory, root.resolve("away"));
      await().atMost(SOON).until(() -> !catalog.problems().isEmpty());

      assertThat(catalog.find("a")).isPresent();

      Files.move(root.resolve("away"), directory);
      await().atMost(SOON).until(() -> catalog.problems().isEmpty());
    }
  }

  @Test
  void shouldSeeAProgramComeAndGo() throws IOException {
    Files.writeString(
        directory.resolve("a.yaml"), "name: a\ncommand: [two]\nrequires: [one]\nisolation: none\n");
    try (Catalog catalog = open()) {
      assertThat(tool(catalog, "a").availability())
          .isEqualTo(
              new Availability.Unavailable(
                  "program 'two' is not installed (looked in " + programs + ")"));

      Path two = program("two");
      await()
          .atMost(SOON)
          .until(() -> tool(catalog, "a").availability().equals(new Availability.Available(two)));
      Files.delete(programs.resolve("one"));
      await()
          .atMost(SOON)
          .until(
              () ->
                  tool(catalog, "a").availability() instanceof Availability.Unavailable why
                      && why.reason().startsWith("program 'one' is not installed"));
    }
  }

  @Test
  void shouldRefuseToOpenWithAMistake() throws IOException {
    write("a", "first");
    Files.writeString(directory.resolve("b.yaml"), "name: b\ncommand: [x]\ngrace: 5\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("b.yaml: grace: ");
    try (Catalog checked = Catalog.check(settings(), Abilities.bare())) {
      assertThat(checked.tools()).extracting(Tool::name).containsExactly("a");
      assertThat(checked.problems()).extracting(CatalogProblem::path).containsExactly("grace");
    }
  }

  private Catalog open() {
    return Catalog.open(settings(), Abilities.bare());
  }

  private CatalogSettings settings() {
    return TestSettings.in(directory, List.of(programs));
  }

  private static Tool tool(Catalog catalog, String name) {
    return catalog.find(name).orElseThrow();
  }

  private static boolean isDescribed(Catalog catalog, String name, String description) {
    return tool(catalog, name).definition().description().equals(description);
  }

  private Path program(String name) throws IOException {
    Path path = programs.resolve(name);
    Files.writeString(path, "#!/bin/sh\n");
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void write(String name, String description) throws IOException {
    Files.writeString(directory.resolve(name + ".yaml"), yaml(name, description));
  }

  private static String yaml(String name, String description) {
    return "name: %s\ndescription: %s\ncommand: [one]\nisolation: none\n"
        .formatted(name, description);
  }
}
