package dev.stoker.tool;

import dev.stoker.tool.CatalogDirectory.Content;
import dev.stoker.tool.ProgramFinder.Kind;
import dev.stoker.tool.ProgramFinder.Programs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tools of one state of the directory after another. Readers see one immutable snapshot; only
 * one thread updates.
 */
final class LoadedCatalog implements Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedCatalog.class);

  private final ToolReader reader;
  private final ProgramFinder programs;
  private final Abilities abilities;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot snapshot = Snapshot.of(Map.of(), List.of(), 0);

  LoadedCatalog(CatalogSettings settings, Abilities abilities) {
    this.abilities = abilities;
    this.reader = new ToolReader(settings);
    this.programs = new ProgramFinder(settings.searchPath());
  }

  @Override
  public Optional<Tool> find(String name) {
    return Optional.ofNullable(snapshot.byName().get(name));
  }

  @Override
  public List<Tool> tools() {
    return snapshot.tools();
  }

  @Override
  public List<CatalogProblem> problems() {
    return snapshot.problems();
  }

  @Override
  public long generation() {
    return snapshot.generation();
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    listeners.clear();
  }

  /** Throws when there is a problem. */
  void refuseProblems() {
    if (!problems().isEmpty()) {
      throw new CatalogException(problems());
    }
  }

  /** Takes over what the directory holds now, and looks for each program anew. */
  void update(CatalogDirectory directory) {
    Snapshot before = snapshot;
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<CatalogProblem> problems = new ArrayList<>();
    if (directory.unreadable() != null) {
      problems.add(directory.unreadable());
      new TreeMap<>(before.entries()).forEach((file, entry) -> entries.put(file, refreshed(entry)));
    } else {
      directory
          .files()
          .forEach(
              (file, content) ->
                  entries.put(file, entry(file, content, before.entries().get(file))));
    }
    entries.values().forEach(entry -> problems.addAll(entry.problems()));
    Snapshot after = Snapshot.of(entries, problems, before.generation() + 1);
    if (!after.isSameAs(before)) {
      snapshot = after;
      report(before, after);
      listeners.forEach(Runnable::run);
    } else if (!after.entries().equals(before.entries())) {
      snapshot = Snapshot.of(entries, problems, before.generation());
    }
  }

  private Entry entry(String file, Content content, @Nullable Entry before) {
    if (before != null && before.content().equals(content)) {
      return refreshed(before);
    }
    CatalogTool old = before == null ? null : before.tool();
    try {
      return switch (content) {
        case Content.Text(String text) -> {
          ParsedTool parsed = reader.read(file, text);
          yield new Entry(content, new CatalogTool(parsed, available(parsed)), List.of());
        }
        case Content.Unreadable(String reason) ->
            new Entry(content, refreshed(old), List.of(new CatalogProblem(file, "", reason)));
      };
    } catch (CatalogException e) {
      return new Entry(content, refreshed(old), e.problems());
    }
  }

  private Entry refreshed(Entry entry) {
    return new Entry(entry.content(), refreshed(entry.tool()), entry.problems());
  }

  private @Nullable CatalogTool refreshed(@Nullable CatalogTool tool) {
    return tool == null ? null : tool.with(available(tool.parsed()));
  }

  private Programs available(ParsedTool tool) {
    List<String> refusals = new ArrayList<>(tool.unhonoured());
    refusals.addAll(abilities.refusals(tool.definition()));
    return refusals.isEmpty()
        ? programs.find(tool.program(), tool.command().requires(), kind(tool))
        : Programs.none(String.join("; ", refusals));
  }

  private static Kind kind(ParsedTool tool) {
    return tool.definition().module() == null ? Kind.PROGRAM : Kind.MODULE;
  }

  /** What the first look finds is for the one who asked for it to tell. */
  private static void report(Snapshot before, Snapshot after) {
    if (before.generation() == 0) {
      return;
    }
    after.problems().stream()
        .filter(problem -> !before.problems().contains(problem))
        .forEach(problem -> LOG.warn("catalog: {}", problem));
    LOG.info(
        "catalog generation {}: {} tools, {} problems",
        after.generation(),
        after.tools().size(),
        after.problems().size());
  }

  /**
   * One file.
   *
   * @param tool as its newest content without a mistake says; null when there was none
   * @param problems of its newest content
   */
  private record Entry(Content content, @Nullable CatalogTool tool, List<CatalogProblem> problems) {
    Entry {
      problems = List.copyOf(problems);
    }
  }

  /** All files at one moment, and what follows from them. */
  private record Snapshot(
      Map<String, Entry> entries,
      Map<String, Tool> byName,
      List<Tool> tools,
      List<CatalogProblem> problems,
      long generation) {

    static Snapshot of(Map<String, Entry> entries, List<CatalogProblem> problems, long generation) {
      Map<String, Tool> byName = new TreeMap<>();
      for (Entry entry : entries.values()) {
        if (entry.tool() != null) {
          byName.put(entry.tool().name(), entry.tool());
        }
      }
      List<Tool> tools = List.copyOf(byName.values());
      return new Snapshot(
          Map.copyOf(entries), Map.copyOf(byName), tools, List.copyOf(problems), generation);
    }

    boolean isSameAs(Snapshot other) {
      return tools.equals(other.tools) && problems.equals(other.problems);
    }
  }
}
