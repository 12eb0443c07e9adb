package dev.stoker.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each attack of the table comes to what the table says, and neither a neighbour nor Stoker
 * notices.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttackIT {
  private static final Path SOURCES =
      Path.of(System.getProperty("stoker.home", "."), "src/test/resources/attacks");

  private Siege siege;

  @BeforeAll
  void begin(@TempDir Path directory) throws Exception {
    Path programs = Files.createDirectory(directory.resolve("p"));
    Programs.make(SOURCES, programs);
    siege =
        new Siege(
            directory,
            programs,
            AttackTable.read(SOURCES.resolve("table.txt")),
            EnumSet.allOf(Level.class));
  }

  @AfterAll
  void end() {
    siege.close();
  }

  /** Without isolation they are to work: an attack that fails there would prove nothing. */
  @ParameterizedTest
  @EnumSource(Level.class)
  void shouldComeToWhatTheTableSays(Level level) throws Exception {
    Siege.Result result = siege.lay(level);

    System.out.println(result.table());
    assertThat(result.surprises()).isEmpty();
    assertThat(result.damage()).isEmpty();
    assertThat(result.served()).as("honest runs beside them").isGreaterThan(2);
  }
}
