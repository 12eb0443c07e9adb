package dev.stoker.request;

import dev.stoker.exchange.Refusal;
import dev.stoker.header.Accept;
import dev.stoker.header.CacheDirectives;
import dev.stoker.header.Preferences;
import dev.stoker.header.Urgency;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.DurationText;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.TraceContext;
import dev.stoker.run.Violation;
import dev.stoker.tool.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the header fields of a request for a run say. Immutable.
 *
 * @param trace what the run is done under
 */
public record RunOptions(
    Preferences preferences,
    Form form,
    Duration timeout,
    int priority,
    CacheControl cacheControl,
    @Nullable String idempotencyKey,
    TraceContext trace) {

  /** The form of the answer. */
  public sealed interface Form {
    /** The run's record. */
    record Json() implements Form {}

    /** Its life, as it happens. */
    record Events() implements Form {}

    /** One of its files. */
    record File(String output) implements Form {}

    /** Its standard output, as it is written. */
    record Raw(String contentType) implements Form {}
  }

  /** The header fields of a request, whichever way it came. */
  @FunctionalInterface
  public interface Fields {
    /** All values of a name, joined by commas; null for none. */
    @Nullable String get(String name);
  }

  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream";
  private static final String TEXT = "text/plain";
  private static final String BYTES = "application/octet-stream";

  /**
   * Reads them, but for those of the trace.
   *
   * @param trace what the request is answered under
   * @throws ServiceException INVALID_REQUEST naming the header and what is allowed
   * @throws Refusal 406 naming what is available
   */
  public static RunOptions of(Fields fields, Tool tool, Duration waitMax, TraceContext trace) {
    Preferences preferences = Preferences.parse(fields.get("Prefer"), waitMax);
    Form form = form(Accept.parse(fields.get("Accept")), tool);
    String idempotencyKey = fields.get("Idempotency-Key");
    if (idempotencyKey != null && form instanceof Form.Raw && !preferences.detached()) {
      throw ServiceException.invalid(
          ErrorCode.INVALID_REQUEST,
          "raw output is not kept, so that it cannot be given again",
          List.of(
              new Violation(
                  "header Idempotency-Key",
                  "does not go with raw output; allowed: no key, or Accept: application/json")));
    }
    return new RunOptions(
        preferences,
        form,
        timeout(fields.get("Stoker-Timeout"), tool),
        Urgency.parse(fields.get("Priority")),
        CacheDirectives.parse(fields.get("Cache-Control")),
        idempotencyKey,
        trace);
  }

  private static Form form(Accept accept, Tool tool) {
    List<String> offered = new ArrayList<>(List.of(JSON, EVENTS));
    tool.definition().outputs().values().forEach(output -> offered.add(output.mediaType()));
    offered.add(BYTES);
    offered.add(TEXT);
    // A caller that knows nothing of events cannot read them: they are the last thing to fall to.
    Optional<String> best =
        accept.names(EVENTS)
            ? accept.best(offered)
            : accept
                .best(offered.stream().filter(type -> !EVENTS.equals(type)).toList())
                .or(() -> accept.best(offered));
    String chosen =
        best.orElseThrow(
            () ->
                new Refusal(
                    406,
                    "not-acceptable",
                    "nothing that the tool gives is acceptable; available: "
                        + String.join(", ", offered)));
    if (JSON.equals(chosen)) {
      return new Form.Json();
    }
    if (EVENTS.equals(chosen)) {
      return new Form.Events();
    }
    Optional<String> file =
        tool.definition().outputs().entrySet().stream()
            .filter(output -> output.getValue().mediaType().equals(chosen))
            .map(java.util.Map.Entry::getKey)
            .sorted()
            .findFirst();
    return file.<Form>map(Form.File::new)
        .orElseGet(() -> new Form.Raw(TEXT.equals(chosen) ? TEXT + "; charset=utf-8" : BYTES));
  }

  private static Duration timeout(@Nullable String field, Tool tool) {
    Duration max = tool.definition().timeout().max();
    if (field == null) {
      return tool.definition().timeout().byDefault();
    }
    try {
      Duration asked = DurationText.parse(field);
      if (!asked.isZero() && asked.compareTo(max) <= 0) {
        return asked;
      }
    } catch (IllegalArgumentException e) {
      // Said below, with the tool's own bound.
    }
    throw ServiceException.invalid(
        ErrorCode.INVALID_REQUEST,
        "the header Stoker-Timeout is not what it may be",
        List.of(
            new Violation(
                "header Stoker-Timeout",
                "'" + field + "' is not allowed; allowed: 1ms to " + DurationText.format(max))));
  }
}
