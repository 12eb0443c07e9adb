package dev.stoker;

import dev.stoker.config.Configuration;
import dev.stoker.config.Overrides;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogProblem;
import dev.stoker.tool.Tool;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists and checks a catalog, without a server. */
@Command(
    name = "tools",
    description =
        "Lists the catalog's tools and checks its files. Exit code 2: there are mistakes.",
    mixinStandardHelpOptions = true)
final class ToolsCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    Overrides overrides = new Overrides(common.config, common.catalog, null, null, null);
    PrintWriter out = spec.commandLine().getOut();
    Catalog checked = check(overrides);
    for (Tool tool : checked.tools()) {
      out.printf("%-16s %-12s %s%n", tool.name(), word(tool), tool.definition().description());
      if (tool.availability() instanceof Availability.Unavailable(String reason)) {
        out.printf("%-16s   %s%n", "", reason);
      }
    }
    for (CatalogProblem problem : checked.problems()) {
      out.println(problem);
    }
    out.flush();
    return checked.problems().isEmpty() ? ExitCode.OK : ExitCode.USAGE;
  }

  /** As a node on this machine would see it. */
  private static Catalog check(Overrides overrides) {
    Configuration configuration = CommonOptions.configuration();
    try (ProcessRunner runner = ProcessRunner.open(new ProcessSettings(1, EngineChoice.AUTO));
        Sandboxes sandboxes = Sandboxes.open(configuration.sandbox(overrides), runner)) {
      return Catalog.check(configuration.catalog(overrides), sandboxes);
    }
  }

  private static String word(Tool tool) {
    return switch (tool.availability()) {
      case Availability.Available _ -> "available";
      case Availability.Unavailable _ -> "unavailable";
    };
  }
}
