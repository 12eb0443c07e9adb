package dev.stoker;

import dev.stoker.config.Overrides;
import dev.stoker.config.Overrides.Membership;
import dev.stoker.config.Settings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a node and keeps it until it is told to stop. */
@Command(
    name = "serve",
    description = "Starts a node and serves the catalog's tools over HTTP.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  @Mixin private CommonOptions common = new CommonOptions();

  @Option(
      names = "--data",
      paramLabel = "DIRECTORY",
      description = "Where runs and files are kept; else ./data.")
  private @Nullable Path data;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Where to listen; else 8080. 0: any free one.")
  private @Nullable Integer port;

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description = "Where health and metrics are; else 8081. 0: any free one.")
  private @Nullable Integer managementPort;

  @Option(
      names = "--cluster",
      description = "Joins the other nodes, as cluster.xml and conf/stoker.yaml say.")
  private boolean cluster;

  @Override
  public Integer call() throws InterruptedException {
    Overrides overrides =
        new Overrides(
            common.config,
            common.catalog,
            data,
            port,
            managementPort,
            cluster ? Membership.CLUSTER : Membership.ALONE);
    Settings settings = CommonOptions.configuration().load(overrides);
    Logging.apply(settings.log(), settings.node(), System.getenv());
    Node node = Node.start(settings);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  LOG.info("stopping: no more commands are taken");
                  node.close();
                },
                "stoker-shutdown"));
    System.out.println(welcome(node));
    node.awaitClosed();
    return 0;
  }

  private static String welcome(Node node) {
    return """
        Stoker %s serves %s://%s, health and metrics on http://%s
        Processes: %s. Data: %s
        Isolation: %s
        Try:  curl -s %s://%s/v1/tools/sha256/runs --data-binary @README.md -H 'Content-Type: application/octet-stream'
        Or:   curl -s %s://%s/v1/tools        (stop with Ctrl-C)"""
        .formatted(
            Version.text(),
            node.scheme(),
            node.address(),
            node.managementAddress(),
            node.processes(),
            node.data(),
            node.isolation().line(),
            node.scheme(),
            node.address(),
            node.scheme(),
            node.address());
  }
}
