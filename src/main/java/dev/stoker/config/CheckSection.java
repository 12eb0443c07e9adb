package dev.stoker.config;

import dev.stoker.check.CheckSettings;
import dev.stoker.run.ByteSize;
import java.nio.file.Path;

/** The {@code check:} section. Stateless. */
final class CheckSection {
  private static final int AT_ONCE_MAX = 64;
  private static final int WAITING_MAX = 10_000;
  private static final ByteSize SCRIPT_MAX = ByteSize.parse("16MiB");

  private CheckSection() {}

  static CheckSettings settings(StokerFile file, Path directory, String mark) {
    StokerFile.Check check = file.check();
    return new CheckSettings(
        check.policy(),
        check.catalog(),
        check.severity(),
        program("check.shellcheck", check.shellcheck()),
        program("check.python", check.python()),
        file.catalog().searchPath().stream().map(Path::of).toList(),
        directory,
        mark,
        Configuration.positive("check.timeout", check.timeout()),
        Configuration.atMost("check.scriptSize", check.scriptSize(), SCRIPT_MAX),
        Configuration.within("check.atOnce", check.atOnce(), 1, AT_ONCE_MAX),
        Configuration.within("check.waitingMax", check.waitingMax(), 1, WAITING_MAX));
  }

  private static String program(String key, String program) {
    if (program.isBlank()
        || program.startsWith("-")
        || (program.contains("/") && !program.startsWith("/"))) {
      throw new ConfigurationException(
          key
              + ": '"
              + program
              + "' is not allowed; allowed: a program's name or an absolute path");
    }
    return program;
  }
}
