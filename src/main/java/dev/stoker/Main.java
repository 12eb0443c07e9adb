package dev.stoker;

import dev.stoker.cluster.ClusterException;
import dev.stoker.config.ConfigurationException;
import dev.stoker.tool.CatalogException;
import dev.stoker.yaml.YamlException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exit codes: 0 done, 1 a fault of ours, 2 a mistake that can be mended. */
@Command(
    name = "stoker",
    description = "Runs command-line tools as a service.",
    subcommands = {ServeCommand.class, ToolsCommand.class, CommandLine.HelpCommand.class},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String... arguments) {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((e, line, parsed) -> explain(e, line))
        .execute(arguments);
  }

  private static int explain(Exception e, CommandLine line) throws Exception {
    if (e instanceof ConfigurationException
        || e instanceof YamlException
        || e instanceof CatalogException
        || e instanceof ClusterException
        || e instanceof StartupException) {
      line.getErr().println(e.getMessage());
      line.getErr().flush();
      return CommandLine.ExitCode.USAGE;
    }
    throw e;
  }
}
