package dev.stoker.peer;

import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.StdStream;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.UUID;

/**
 * What one node asks of another. Each may be asked again when its answer was lost: the second
 * answer is as good as the first. Immutable.
 */
sealed interface Question {
  /** Bytes asked for at once, at most. */
  int PIECE_BYTES_MAX = 128 * 1024;

  /** How long the other side holds {@link More} back while there is nothing to tell. */
  Duration HOLD = Duration.ofSeconds(5);

  int TRIES_MAX = 3;
  Duration ANSWER_MAX = Duration.ofSeconds(3);
  Duration KEEP_MAX = Duration.ofMinutes(10);

  /** The size of a blob; fails with BLOB_NOT_FOUND. */
  record Has(Digest digest) implements Question {}

  /** A part of a blob, whose size comes with it; fails with BLOB_NOT_FOUND. */
  record Piece(Digest digest, long offset, int max) implements Question {
    public Piece {
      requireRange(offset, max);
    }
  }

  /** Get this blob from {@code from}; answered when it is there. */
  record Keep(Digest digest, String from) implements Question {}

  /** About a stream. The first question of a reader opens it. */
  sealed interface OfReader extends Question {
    ReaderKey reader();
  }

  /** Bytes of a stream, none when there are none yet; its size and whether it ended come along. */
  record Read(ReaderKey reader, long offset, int max) implements OfReader {
    public Read {
      requireRange(offset, max);
    }
  }

  /** Whether there is more; answered when there is, when the stream ended, or after a while. */
  record More(ReaderKey reader, long offset) implements OfReader {
    public More {
      requireRange(offset, 0);
    }
  }

  /** The reader is still there. Never opens one. */
  record Stay(ReaderKey reader) implements OfReader {}

  /** The reader is done, also when it has never asked anything. */
  record Close(ReaderKey reader) implements OfReader {}

  /**
   * Which reader of which stream.
   *
   * @param id unlike any other
   * @param node who reads, as text
   */
  record ReaderKey(String id, String node, RunId run, StdStream stream) {
    static ReaderKey next(String node, RunId run, StdStream stream) {
      return new ReaderKey(UUID.randomUUID().toString(), node, run, stream);
    }
  }

  /** How long to wait for the answer before the question is asked again. */
  default Duration patience() {
    return switch (this) {
      case Keep _ -> KEEP_MAX;
      case More _ -> HOLD.plus(ANSWER_MAX);
      case Has _, Piece _, Read _, Stay _, Close _ -> ANSWER_MAX;
    };
  }

  /** How often to ask while no answer comes. */
  default int triesMax() {
    return switch (this) {
      case Keep _ -> 1;
      case Has _, Piece _, OfReader _ -> TRIES_MAX;
    };
  }

  default JsonObject toJson() {
    return switch (this) {
      case Has(Digest digest) -> json("has", digest);
      case Piece(Digest digest, long offset, int max) ->
          json("piece", digest).put("offset", offset).put("max", max);
      case Keep(Digest digest, String from) -> json("keep", digest).put("from", from);
      case Read(ReaderKey reader, long offset, int max) ->
          json("read", reader).put("offset", offset).put("max", max);
      case More(ReaderKey reader, long offset) -> json("more", reader).put("offset", offset);
      case Stay(ReaderKey reader) -> json("stay", reader);
      case Close(ReaderKey reader) -> json("close", reader);
    };
  }

  /**
   * Reads {@link #toJson}.
   *
   * @throws IllegalArgumentException when it is no question, or asks for too much
   */
  static Question parse(JsonObject json) {
    try {
      String ask = text(json, "ask");
      return switch (ask) {
        case "has" -> new Has(new Digest(text(json, "digest")));
        case "piece" ->
            new Piece(
                new Digest(text(json, "digest")),
                number(json, "offset"),
                (int) number(json, "max"));
        case "keep" -> new Keep(new Digest(text(json, "digest")), text(json, "from"));
        case "read" -> new Read(reader(json), number(json, "offset"), (int) number(json, "max"));
        case "more" -> new More(reader(json), number(json, "offset"));
        case "stay" -> new Stay(reader(json));
        case "close" -> new Close(reader(json));
        default -> throw new IllegalArgumentException("nobody asks '" + ask + "'");
      };
    } catch (ClassCastException e) {
      throw new IllegalArgumentException("a field is of another type", e);
    }
  }

  private static JsonObject json(String ask, Digest digest) {
    return new JsonObject().put("ask", ask).put("digest", digest.hex());
  }

  private static JsonObject json(String ask, ReaderKey reader) {
    return new JsonObject()
        .put("ask", ask)
        .put("reader", reader.id())
        .put("node", reader.node())
        .put("run", reader.run().toString())
        .put("stream", reader.stream().name());
  }

  private static ReaderKey reader(JsonObject json) {
    return new ReaderKey(
        text(json, "reader"),
        text(json, "node"),
        RunId.parse(text(json, "run")),
        StdStream.valueOf(text(json, "stream")));
  }

  private static String text(JsonObject json, String field) {
    String value = json.getString(field);
    if (value == null) {
      throw new IllegalArgumentException("'" + field + "' is missing");
    }
    return value;
  }

  private static long number(JsonObject json, String field) {
    Long value = json.getLong(field);
    if (value == null) {
      throw new IllegalArgumentException("'" + field + "' is missing");
    }
    return value;
  }

  private static void requireRange(long offset, int max) {
    if (offset < 0 || max < 0 || max > PIECE_BYTES_MAX) {
      throw new IllegalArgumentException(max + " bytes from " + offset + " cannot be asked for");
    }
  }
}
