package dev.stoker.yaml;

/** Filled in by its owner. */
final class YamlReader {
  private YamlReader() {}
}
