package dev.stoker.yaml;

import java.util.List;
import java.util.stream.Collectors;

/** A YAML file that is not what it must be. Its message has one line for each mistake. */
public final class YamlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<YamlMistake> mistakes;

  YamlException(List<YamlMistake> mistakes, Throwable cause) {
    super(lines(mistakes), cause);
    this.mistakes = List.copyOf(mistakes);
  }

  YamlException(List<YamlMistake> mistakes) {
    super(lines(mistakes));
    this.mistakes = List.copyOf(mistakes);
  }

  /** At least one, in the order of the file. */
  public List<YamlMistake> mistakes() {
    return mistakes == null ? List.of() : mistakes;
  }

  private static String lines(List<YamlMistake> mistakes) {
    return mistakes.stream().map(YamlMistake::toString).collect(Collectors.joining("\n"));
  }
}
