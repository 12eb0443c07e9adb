package dev.stoker;

import dev.stoker.tool.Availability;
import dev.stoker.tool.CatalogProblem;
import dev.stoker.tool.Tool;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists a catalog and what of it can run on this machine, without a server. */
@Command(
    name = "tools",
    description =
        "Lists the catalog's tools and checks its files. Exit code 2: there are mistakes.",
    subcommands = ToolsCheckCommand.class,
    mixinStandardHelpOptions = true)
final class ToolsCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Workbench bench = Workbench.open(common)) {
      for (Tool tool : bench.catalog().tools()) {
        out.printf("%-16s %-12s %s%n", tool.name(), word(tool), tool.definition().description());
        if (tool.availability() instanceof Availability.Unavailable(String reason)) {
          out.printf("%-16s   %s%n", "", reason);
        }
      }
      for (CatalogProblem problem : bench.catalog().problems()) {
        out.println(problem);
      }
      out.flush();
      return bench.catalog().problems().isEmpty() ? ExitCode.OK : ExitCode.USAGE;
    }
  }

  private static String word(Tool tool) {
    return switch (tool.availability()) {
      case Availability.Available _ -> "available";
      case Availability.Unavailable _ -> "unavailable";
    };
  }
}
