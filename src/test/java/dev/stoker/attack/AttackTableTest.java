package dev.stoker.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttackTableTest {
  private static final Path HOME = Path.of(System.getProperty("stoker.home", "."));
  private static final String WRITTEN = "docs/attacks.md -->\n";

  private static final Path SOURCES = HOME.resolve("src/test/resources/attacks");
  private static final Path UNPRIVILEGED = SOURCES.resolve("unprivileged.txt");

  private final List<Attack> attacks = AttackTable.read(SOURCES.resolve("table.txt"));

  @Test
  void shouldBeTheDocumentThatPeopleRead() throws IOException {
    String document = Files.readString(HOME.resolve("docs/attacks.md"));
    String head = document.substring(0, document.indexOf(WRITTEN) + WRITTEN.length());
    String wanted = head + AttackTable.document(attacks) + AttackTable.documentOver(UNPRIVILEGED);

    Files.writeString(
        Files.createDirectories(HOME.resolve("target")).resolve("attacks.md"), wanted);
    assertThat(document).isEqualTo(wanted);
  }

  @Test
  void shouldHaveAnotherOutcomeElsewhereOnlyWhereItSaysSo() {
    List<Attack> elsewhere = AttackTable.readOver(attacks, UNPRIVILEGED);

    assertThat(elsewhere).hasSameSizeAs(attacks).isNotEqualTo(attacks);
    assertThat(elsewhere.stream().filter(attack -> !attacks.contains(attack)))
        .hasSizeLessThan(20)
        .noneMatch(attack -> attacks.stream().anyMatch(attack::equals));
  }

  @Test
  void shouldNameEachAttackOnce() {
    assertThat(attacks).hasSizeGreaterThan(200);
    assertThat(attacks)
        .extracting(attack -> attack.section() + attack.what())
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldTryEachAttackAtEachLevelThatIsolates() {
    assertThat(attacks)
        .allMatch(attack -> attack.isTried(Level.CONFINED) && attack.isTried(Level.CONTAINER));
  }

  /** An outcome that would be right whatever comes proves nothing. */
  @Test
  void shouldKnowAnOutcomeThatIsNotExpected() {
    Attack attack = attacks.getFirst();

    assertThat(attack.isExpected(Level.CONFINED, "EACCES")).isTrue();
    assertThat(attack.isExpected(Level.CONFINED, "allowed")).isFalse();
    assertThat(attack.isExpected(Level.CONFINED, "EACCES, and left behind [7]")).isFalse();
  }
}
