package dev.stoker.exchange;

import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A refusal that only HTTP knows. Its message is for the caller. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the answer is made of. */
  record Answer(int status, String name, Map<String, String> headers, @Nullable JsonObject run) {}

  private final transient Answer answer;

  private Refusal(String message, Answer answer) {
    super(message, null, false, false);
    this.answer = answer;
  }

  /**
   * Makes one.
   *
   * @param name the last part of the problem's type
   */
  public Refusal(int status, String name, String message) {
    this(message, new Answer(status, name, Map.of(), null));
  }

  /** The same, with a header in its answer. */
  public Refusal header(String header, String value) {
    Answer to = answer;
    return new Refusal(
        String.valueOf(getMessage()),
        new Answer(to.status, to.name, Map.of(header, value), to.run));
  }

  /** A result was asked for and the run has none. */
  public static Refusal runFailed(RunRecord run, String why) {
    return new Refusal(why, new Answer(422, "run-failed", Map.of(), RunJson.encode(run)));
  }

  /** A range was asked for that begins past the end. */
  public static Refusal unsatisfiable(long size) {
    return new Refusal(
            416,
            "range-not-satisfiable",
            "the range begins past the end; there are " + size + " bytes")
        .header("Content-Range", "bytes */" + size);
  }

  /** Why, in a word: the last part of the problem's type. */
  public String name() {
    return answer.name;
  }

  Answer answer() {
    return answer;
  }
}
