package dev.stoker.check;

import dev.stoker.check.Analyser.Author;
import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Finding.Severity;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Callers' scripts on their way to an analyser, and the verdict. Thread-safe. */
final class ScriptQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptQueue.class);

  /** More is of no use to a caller, and costs an answer of megabytes. */
  private static final int FINDINGS_TOLD_MAX = 50;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final long IDLE_SECONDS = 30;

  private final CheckSettings settings;
  private final Analyses analyses;
  private final BlockingQueue<Desk> desks;
  private final Metrics metrics;
  private final ThreadPoolExecutor threads;

  /** {@code desks}: as many as there are threads. */
  ScriptQueue(CheckSettings settings, Analyses analyses, List<Desk> desks, Metrics metrics) {
    this.settings = settings;
    this.analyses = analyses;
    this.desks = new ArrayBlockingQueue<>(desks.size(), false, desks);
    this.metrics = metrics;
    this.threads =
        new ThreadPoolExecutor(
            desks.size(),
            desks.size(),
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(settings.waitingMax()),
            Thread.ofPlatform().name("stoker-check-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** As {@link StaticCheck#scripts}. */
  Future<Void> check(ToolDefinition tool, List<Script> scripts) {
    String dialect = ScriptFindings.dialect(Words.of(tool.command()));
    List<Finding> known = known(dialect, scripts);
    if (known != null) {
      return verdict(tool.name(), known);
    }
    Promise<List<Finding>> found = Promise.promise();
    try {
      threads.execute(() -> analyse(dialect, scripts, found));
    } catch (RejectedExecutionException e) {
      return Future.failedFuture(
          ServiceException.retryable(
              ErrorCode.CAPACITY_EXCEEDED,
              "too many scripts wait to be checked on this node",
              RETRY_AFTER));
    }
    return found.future().compose(findings -> verdict(tool.name(), findings));
  }

  /** What is found in scripts that were all seen before; null when one was not. */
  private @Nullable List<Finding> known(@Nullable String dialect, List<Script> scripts) {
    List<Finding> findings = new ArrayList<>();
    for (Script script : scripts) {
      List<Remark> remarks =
          analyses.known(script.language(), dialect, Author.CALLER, script.digest());
      if (remarks == null) {
        return null;
      }
      remarks.forEach(remark -> findings.add(remark.at("", script.field())));
    }
    return findings;
  }

  private void analyse(
      @Nullable String dialect, List<Script> scripts, Promise<List<Finding>> found) {
    Desk desk = null;
    try {
      desk = desks.take();
      List<Finding> findings = new ArrayList<>();
      for (Script script : scripts) {
        findings.addAll(findings(dialect, script, desk));
      }
      giveBack(desk);
      desk = null;
      found.complete(findings);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      found.fail(new ServiceException(ErrorCode.SHUTTING_DOWN, "the node is stopping"));
    } catch (RuntimeException e) {
      found.tryFail(e);
    } finally {
      if (desk != null) {
        giveBack(desk);
      }
    }
  }

  private void giveBack(Desk desk) {
    if (!desks.offer(desk)) {
      throw new IllegalStateException("more desks are given back than there are");
    }
  }

  private List<Finding> findings(@Nullable String dialect, Script script, Desk desk) {
    String missing = analyses.analyser(script.language()).missing();
    if (missing != null) {
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "the script cannot be checked on this node: " + missing);
    }
    if (script.bytes() > settings.scriptSize().bytes()) {
      return List.of(
          finding(script, "has more than " + settings.scriptSize() + ", the most that is checked"));
    }
    try {
      return analyses
          .of(script.language(), dialect, Author.CALLER, script.content().read(), desk)
          .stream()
          .map(remark -> remark.at("", script.field()))
          .toList();
    } catch (IOException e) {
      throw new ServiceException(ErrorCode.INTERNAL, "a script cannot be read", e);
    } catch (AnalysisException e) {
      LOG.warn("a caller's script could not be checked: {}", e.getMessage());
      return List.of(finding(script, "could not be checked: " + e.getMessage()));
    }
  }

  private static Finding finding(Script script, String message) {
    return new Finding("", script.field(), 0, Severity.ERROR, "unscanned", message, "");
  }

  private Future<Void> verdict(String tool, List<Finding> findings) {
    List<Finding> counted =
        findings.stream()
            .filter(finding -> finding.severity().reaches(settings.severity()))
            .toList();
    if (counted.isEmpty()) {
      metrics.scriptChecked(tool, "passed");
      return Future.succeededFuture();
    }
    if (settings.scripts() == Policy.WARN) {
      metrics.scriptChecked(tool, "warned");
      LOG.warn(
          "a script for tool {} runs with {} findings, as check.policy allows: {}",
          tool,
          counted.size(),
          violations(counted));
      return Future.succeededFuture();
    }
    metrics.scriptChecked(tool, "refused");
    return Future.failedFuture(
        ServiceException.invalid(
            ErrorCode.SCRIPT_REFUSED,
            "the static check of tool '" + tool + "' refuses the script",
            violations(counted)));
  }

  private static List<Violation> violations(List<Finding> findings) {
    List<Violation> violations = new ArrayList<>();
    for (Finding finding : findings) {
      if (violations.size() == FINDINGS_TOLD_MAX) {
        violations.add(
            new Violation(
                finding.path(), "and " + (findings.size() - FINDINGS_TOLD_MAX) + " findings more"));
        break;
      }
      String line = finding.line() > 0 ? "line " + finding.line() + ": " : "";
      violations.add(new Violation(finding.path(), line + finding.text()));
    }
    return violations;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
