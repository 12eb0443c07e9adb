package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The image's run-time has the modules of the JDK that the jar uses: all, and no others. */
@Tag("patient")
class ImageModulesIT {
  private static final Path HOME = Path.of(System.getProperty("stoker.home", "."));

  /** What is found by its name only, so that no class file tells of it; and for what. */
  private static final Map<String, String> BY_NAME =
      Map.of("jdk.naming.dns", "the headless service of Kubernetes, which Hazelcast asks by JNDI");

  @Test
  void shouldHaveTheModulesThatTheJarUses() throws Exception {
    Set<String> wanted = new TreeSet<>(BY_NAME.keySet());
    wanted.addAll(usedByTheJar());

    assertThat(ofTheImage()).isEqualTo(wanted);
  }

  private static Set<String> usedByTheJar() {
    StringWriter said = new StringWriter();
    int code =
        java.util.spi.ToolProvider.findFirst("jdeps")
            .orElseThrow()
            .run(
                new PrintWriter(said),
                new PrintWriter(said),
                "--print-module-deps",
                "--ignore-missing-deps",
                "--multi-release",
                "25",
                HOME.resolve("target/stoker.jar").toString());
    assertThat(code).as(said.toString()).isZero();
    return names(said.toString().strip());
  }

  private static Set<String> ofTheImage() throws Exception {
    Matcher modules =
        Pattern.compile("^ARG MODULES=(\\S+)$", Pattern.MULTILINE)
            .matcher(Files.readString(HOME.resolve("Dockerfile")));
    assertThat(modules.find()).isTrue();
    return names(modules.group(1));
  }

  private static Set<String> names(String list) {
    return new TreeSet<>(List.of(list.split(",", -1)));
  }
}
