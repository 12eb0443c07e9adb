package dev.stoker.check;

import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Words.Word;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Language;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Looks for what is dangerous or broken in catalog entries and in callers' scripts. It finds
 * mistakes; it is no wall: what keeps a script from harm is the tool's isolation.
 *
 * <p>Thread-safe. Whoever made it closes it, before what starts its processes.
 */
public final class StaticCheck implements Abilities, AutoCloseable {
  private final CheckSettings settings;
  private final Programs programs;
  private final Analyses analyses;
  private final Desk entryDesk;
  private final ScriptQueue scripts;

  private StaticCheck(CheckSettings settings, Launcher launcher, Metrics metrics)
      throws IOException {
    this.settings = settings;
    this.programs = new Programs(settings.searchPath());
    this.analyses =
        new Analyses(
            new ShellAnalyser(programs, settings.shellcheck()),
            new PythonAnalyser(programs, settings.python()));
    List<Desk> desks = new ArrayList<>();
    for (int i = 0; i <= settings.atOnce(); i++) {
      Path directory = Files.createDirectories(settings.directory().resolve(String.valueOf(i)));
      desks.add(new Desk(launcher, directory, settings.mark(), settings.timeout()));
    }
    // One of its own: callers' scripts must not keep the catalog waiting.
    this.entryDesk = desks.removeLast();
    this.scripts = new ScriptQueue(settings, analyses, desks, metrics);
  }

  /**
   * Makes one. Starts no process yet.
   *
   * @param launcher starts the analysers
   * @throws IOException naming the directory that cannot be made
   */
  public static StaticCheck open(CheckSettings settings, Launcher launcher, Metrics metrics)
      throws IOException {
    return new StaticCheck(settings, launcher, metrics);
  }

  /**
   * What is found in a catalog entry, the worst first: in what it declares, in the rights of the
   * files that it names, and in its own scripts. Blocks while scripts are analysed that were not
   * before.
   */
  public List<Finding> entry(ToolDefinition tool) {
    Report report = new Report(tool.name() + ".yaml");
    List<Word> words = tool.module() == null ? Words.of(tool.command()) : List.of();
    CommandFindings.find(tool, report, words);
    DeclarationFindings.find(tool, report, words);
    FileFindings.find(tool, report, words, programs);
    synchronized (entryDesk) {
      new ScriptFindings(analyses, entryDesk, settings.scriptSize().bytes())
          .find(tool, report, words, programs);
    }
    return report.list();
  }

  /**
   * Lets callers' scripts pass, or fails: with SCRIPT_REFUSED and one violation for each finding,
   * with its line, where the policy refuses; with CAPACITY_EXCEEDED when too many wait; with
   * TOOL_UNAVAILABLE when the analyser is not installed here. A script that cannot be analysed is
   * one with a finding. Complete at once when there are none, or all are known; else on any thread.
   */
  public Future<Void> scripts(ToolDefinition tool, List<Script> given) {
    return given.isEmpty() ? Future.succeededFuture() : scripts.check(tool, given);
  }

  /**
   * An analyser that a tool asks for and that is not here; and, where the policy refuses, what is
   * found in the entry. May block, as {@link #entry} does.
   */
  @Override
  public List<String> refusals(ToolDefinition tool) {
    List<String> reasons = new ArrayList<>();
    for (Language language : asked(tool)) {
      String missing = analyses.analyser(language).missing();
      if (missing != null) {
        reasons.add("check: " + missing);
      }
    }
    if (settings.entries() == Policy.REFUSE) {
      entry(tool).stream()
          .filter(finding -> finding.severity().reaches(settings.severity()))
          .map(finding -> "refused by the static check: " + finding)
          .forEach(reasons::add);
    }
    return reasons;
  }

  private static Set<Language> asked(ToolDefinition tool) {
    EnumSet<Language> languages = EnumSet.noneOf(Language.class);
    if (tool.check() != null) {
      languages.add(tool.check());
    }
    tool.inputs().values().stream()
        .map(ToolDefinition.Input::check)
        .filter(language -> language != null)
        .forEach(languages::add);
    return languages;
  }

  /** Ends the analyses under way. Idempotent. */
  @Override
  public void close() {
    scripts.close();
  }
}
