package dev.stoker.process;

/**
 * How processes are run.
 *
 * @param spawnThreads threads that start processes, each held 0.4 to 0.8 ms a start; 1 to 64
 * @param engine which way to take
 */
public record ProcessSettings(int spawnThreads, EngineChoice engine) {
  /** Which way to start processes. */
  public enum EngineChoice {
    /** {@link #NATIVE} where it works, else {@link #PORTABLE}. */
    AUTO,
    /** posix_spawn and epoll; Linux with glibc on x86-64 or aarch64. */
    NATIVE,
    /** {@link ProcessBuilder}; anywhere. */
    PORTABLE
  }

  public ProcessSettings {
    if (spawnThreads < 1 || spawnThreads > 64) {
      throw new IllegalArgumentException(
          "process.spawnThreads: " + spawnThreads + " is not allowed; allowed: 1 to 64");
    }
  }
}
