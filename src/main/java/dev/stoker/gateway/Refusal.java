package dev.stoker.gateway;

import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Violation;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A refusal that only HTTP knows. Its message is for the caller. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the answer is made of. */
  record Answer(
      int status,
      String name,
      List<Violation> violations,
      Map<String, String> headers,
      @Nullable JsonObject run) {}

  private final transient Answer answer;

  private Refusal(String message, Answer answer) {
    super(message, null, false, false);
    this.answer = answer;
  }

  Refusal(int status, String name, String message) {
    this(message, new Answer(status, name, List.of(), Map.of(), null));
  }

  Refusal(int status, String name, String message, Violation violation) {
    this(message, new Answer(status, name, List.of(violation), Map.of(), null));
  }

  /** The same, with a header in its answer. */
  Refusal header(String header, String value) {
    Answer to = answer;
    return new Refusal(
        String.valueOf(getMessage()),
        new Answer(to.status, to.name, to.violations, Map.of(header, value), to.run));
  }

  /** A result was asked for and the run has none. */
  static Refusal runFailed(RunRecord run, String why) {
    return new Refusal(
        why, new Answer(422, "run-failed", List.of(), Map.of(), RunJson.encode(run)));
  }

  Answer answer() {
    return answer;
  }
}
