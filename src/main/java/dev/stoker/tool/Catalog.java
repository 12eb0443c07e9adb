package dev.stoker.tool;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tools of this node, kept equal to the files of a directory. Thread-safe; reads never block.
 *
 * <p>A file is taken over once it has stayed the same for {@link CatalogSettings#watch()}, however
 * it was written: in place, by renaming over it, or by changing what a link of the directory leads
 * to. A file with a mistake leaves the tool as it was; a removed file removes its tool; a program
 * that is installed or removed makes its tools available or not.
 */
public interface Catalog extends AutoCloseable {

  /**
   * Reads the directory and begins to watch it, on a thread of its own. A {@code watch} of zero
   * watches nothing.
   *
   * @throws CatalogException with every mistake in any file, or when there is no such directory
   */
  static Catalog open(CatalogSettings settings, Abilities abilities) {
    return WatchedCatalog.open(settings, abilities);
  }

  /**
   * Reads the directory once, whatever is wrong with it: {@link #tools()} are those that could be
   * read, {@link #problems()} the mistakes of the others.
   */
  static Catalog check(CatalogSettings settings, Abilities abilities) {
    LoadedCatalog catalog = new LoadedCatalog(settings, abilities);
    catalog.update(CatalogDirectory.read(settings.directory()));
    return catalog;
  }

  /**
   * A catalog of these files, which never changes, on a node that can isolate nothing.
   *
   * @param files a file's name, such as {@code echo.yaml}, and what is in it
   * @throws CatalogException with every mistake
   */
  static Catalog of(CatalogSettings settings, Map<String, String> files) {
    return of(settings, Abilities.bare(), files);
  }

  /** The same on a node that can give more than the bare one. */
  static Catalog of(CatalogSettings settings, Abilities abilities, Map<String, String> files) {
    LoadedCatalog catalog = new LoadedCatalog(settings, abilities);
    catalog.update(CatalogDirectory.of(files));
    catalog.refuseProblems();
    return catalog;
  }

  /** The tool of this name, whether it can run here or not. */
  Optional<Tool> find(String name);

  /** All tools, by name. */
  List<Tool> tools();

  /** Files whose newest content is refused; what they said before stays in force. */
  List<CatalogProblem> problems();

  /** Grows by one whenever {@link #tools()} or {@link #problems()} has changed. */
  long generation();

  /**
   * Has {@code listener} called after each growth of {@link #generation()}, on the thread that
   * watches. It must not block.
   */
  void onChange(Runnable listener);

  /** Stops watching the directory. Idempotent. */
  @Override
  void close();
}
