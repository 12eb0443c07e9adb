package dev.stoker.nemesis;

/** What a random test begins with: {@code -Dstoker.nemesis.seed=…} repeats one. Stateless. */
final class Seed {
  private Seed() {}

  static long ofRun(String test) {
    long seed = Long.getLong("stoker.nemesis.seed", System.nanoTime() & 0xffffffffL);
    System.out.println(test + ": -Dstoker.nemesis.seed=" + seed + " repeats it");
    return seed;
  }
}
