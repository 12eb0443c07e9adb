package dev.stoker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The map of docs/architecture.md, held. */
class ArchitectureTest {
  private static final String ROOT = "dev.stoker";
  private static final JavaClasses STOKER =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void shouldHaveNoCycleBetweenPackages() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(STOKER);
  }

  @Test
  void shouldDependOnlyAsTheMapSays() throws Exception {
    assertThat(actual()).isEqualTo(documented());
  }

  @Test
  void shouldTouchProcessesInOnePlaceOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".process..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.ProcessBuilder")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.Process")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign")
        .check(STOKER);
  }

  @Test
  void shouldSpeakHttpInItsPackagesOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            ROOT + ".contract..",
            ROOT + ".exchange..",
            ROOT + ".request..",
            ROOT + ".answer..",
            ROOT + ".stream..",
            ROOT + ".gateway..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx.core.http..", "io.vertx.ext.web..")
        .check(STOKER);
  }

  @Test
  void shouldSpeakSqlInTheLedgerOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".ledger..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.flywaydb..")
        .check(STOKER);
  }

  @Test
  void shouldMarkEveryPackageForNullness() {
    classes()
        .that()
        .haveSimpleName("package-info")
        .should()
        .beAnnotatedWith(org.jspecify.annotations.NullMarked.class)
        .check(STOKER);
    Set<String> marked = new TreeSet<>();
    Set<String> all = new TreeSet<>();
    for (JavaClass type : STOKER) {
      all.add(type.getPackageName());
      if (type.getSimpleName().equals("package-info")) {
        marked.add(type.getPackageName());
      }
    }
    assertThat(marked).isEqualTo(all);
  }

  /** Package to the packages it uses, as the code has it. */
  private static Map<String, Set<String>> actual() {
    Map<String, Set<String>> map = new TreeMap<>();
    for (JavaClass type : STOKER) {
      String from = feature(type.getPackageName());
      if (from.isEmpty()) {
        continue;
      }
      Set<String> uses = map.computeIfAbsent(from, p -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = feature(dependency.getTargetClass().getPackageName());
        if (!to.isEmpty() && !to.equals(from)) {
          uses.add(to);
        }
      }
    }
    return map;
  }

  /** The same, as the table of docs/architecture.md has it: {@code | `name` | owns | uses |}. */
  private static Map<String, Set<String>> documented() throws Exception {
    Map<String, Set<String>> map = new TreeMap<>();
    Pattern row = Pattern.compile("\\| `(\\w+)` \\|[^|]*\\|([^|]*)\\|");
    Pattern name = Pattern.compile("`(\\w+)`");
    for (String line : Files.readAllLines(Path.of("docs/architecture.md"))) {
      Matcher found = row.matcher(line);
      if (found.find()) {
        Set<String> uses = map.computeIfAbsent(found.group(1), p -> new TreeSet<>());
        name.matcher(found.group(2)).results().forEach(use -> uses.add(use.group(1)));
      }
    }
    return map;
  }

  private static String feature(String packageName) {
    if (!packageName.startsWith(ROOT + ".")) {
      return "";
    }
    String rest = packageName.substring(ROOT.length() + 1);
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }
}
