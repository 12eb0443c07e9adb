package dev.stoker;

import dev.stoker.config.Configuration;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration; else conf/stoker.yaml.")
  @Nullable Path config;

  @Option(
      names = "--catalog",
      paramLabel = "DIRECTORY",
      description = "The tools' directory; else conf/tools.")
  @Nullable Path catalog;

  /** A reader that knows where Stoker is installed. */
  static Configuration configuration() {
    Path home = Path.of(System.getProperty("stoker.home", ".")).toAbsolutePath().normalize();
    return new Configuration(home, Runtime.getRuntime().availableProcessors(), System.getenv());
  }
}
