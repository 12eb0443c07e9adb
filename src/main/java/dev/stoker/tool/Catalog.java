package dev.stoker.tool;

import java.util.List;
import java.util.Optional;

/**
 * The tools of this node, kept equal to the files of a directory. Thread-safe; reads never block.
 */
public interface Catalog extends AutoCloseable {
  /** The tool of this name, whether it can run here or not. */
  Optional<Tool> find(String name);

  /** All tools, by name. */
  List<Tool> tools();

  /** Files whose newest content is refused; what they said before stays in force. */
  List<CatalogProblem> problems();

  /** Grows by one whenever {@link #tools()} or {@link #problems()} has changed. */
  long generation();

  /** Stops watching the directory. Idempotent. */
  @Override
  void close();
}
