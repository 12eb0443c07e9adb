package dev.stoker.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.stoker.check.Analyser.Author;
import dev.stoker.run.Digest;
import dev.stoker.tool.ToolDefinition.Language;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What analysers say of scripts, remembered by the scripts' content. Thread-safe.
 *
 * <p>At most {@link #REMEMBERED_MAX} remarks are remembered. An analysis that failed is not.
 */
final class Analyses {
  private static final int REMEMBERED_MAX = 50_000;

  private final Analyser shell;
  private final Analyser python;
  private final Cache<Key, List<Remark>> known =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED_MAX)
          .weigher((Key key, List<Remark> remarks) -> 1 + remarks.size())
          .build();

  Analyses(Analyser shell, Analyser python) {
    this.shell = shell;
    this.python = python;
  }

  private record Key(Language language, String dialect, Author author, Digest content) {}

  /** What is known of it; null when it has to be analysed. */
  @Nullable List<Remark> known(
      Language language, @Nullable String dialect, Author author, Digest content) {
    return known.getIfPresent(new Key(language, String.valueOf(dialect), author, content));
  }

  /** Analyses it, unless it is known. Blocks. */
  List<Remark> of(
      Language language, @Nullable String dialect, Author author, byte[] script, Desk desk)
      throws AnalysisException {
    Key key = new Key(language, String.valueOf(dialect), author, Digest.of(script));
    List<Remark> before = known.getIfPresent(key);
    if (before != null) {
      return before;
    }
    List<Remark> remarks = List.copyOf(analyser(language).analyse(script, dialect, author, desk));
    known.put(key, remarks);
    return remarks;
  }

  Analyser analyser(Language language) {
    return switch (language) {
      case SHELL -> shell;
      case PYTHON -> python;
    };
  }
}
