package dev.stoker;

import dev.stoker.check.Finding;
import dev.stoker.check.Finding.Severity;
import dev.stoker.tool.CatalogProblem;
import dev.stoker.tool.Tool;
import dev.stoker.yaml.YamlException;
import dev.stoker.yaml.YamlReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what in a catalog is dangerous or broken. */
@Command(
    name = "check",
    description =
        "Looks through the catalog's entries and their scripts for what is dangerous or broken. "
            + "Exit code 2: there are mistakes, or findings of --severity.",
    mixinStandardHelpOptions = true)
final class ToolsCheckCommand implements Callable<Integer> {
  private final YamlReader yaml = new YamlReader();

  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--severity",
      paramLabel = "SEVERITY",
      description = "What makes the exit code 2: error, warning or note; else error.")
  private Severity severity = Severity.ERROR;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Workbench bench = Workbench.open(common)) {
      Map<Severity, Integer> counts = new EnumMap<>(Severity.class);
      for (Tool tool : bench.catalog().tools()) {
        List<Finding> findings = bench.check().entry(tool.definition());
        findings.forEach(
            finding -> {
              counts.merge(finding.severity(), 1, Integer::sum);
              out.println(line(bench.directory(), tool, finding));
            });
      }
      List<CatalogProblem> problems = bench.catalog().problems();
      problems.forEach(out::println);
      out.print(bench.isolation().text());
      out.printf(
          "%d tools: %d errors, %d warnings, %d notes%n",
          bench.catalog().tools().size(),
          counts.getOrDefault(Severity.ERROR, 0),
          counts.getOrDefault(Severity.WARNING, 0),
          counts.getOrDefault(Severity.NOTE, 0));
      out.flush();
      boolean found = counts.keySet().stream().anyMatch(one -> one.reaches(severity));
      return problems.isEmpty() && !found ? ExitCode.OK : ExitCode.USAGE;
    }
  }

  /** Of a key the line in the catalog's file, of a script its own. */
  private String line(Path directory, Tool tool, Finding finding) {
    String name = tool.name() + ".yaml";
    String file;
    String at;
    if (!finding.file().equals(name)) {
      file = finding.file();
      at = ":" + finding.line() + ": " + name + " " + finding.path();
    } else {
      int line = line(directory.resolve(name), finding.path());
      String inScript = finding.line() > 0 ? ", line " + finding.line() + " of it" : "";
      file = name;
      at = (line > 0 ? ":" + line : "") + ": " + finding.path() + inScript;
    }
    return file + at + ": " + finding.text();
  }

  private int line(Path file, String path) {
    try {
      return yaml.line(yaml.content(file), path);
    } catch (YamlException e) {
      return 0;
    }
  }
}
