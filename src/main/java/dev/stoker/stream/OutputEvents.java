package dev.stoker.stream;

import dev.stoker.output.OutputReader;
import dev.stoker.run.StdStream;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Tells of one stream of a run as events. Confined to one context. */
final class OutputEvents implements AutoCloseable {
  private static final int CHUNK_BYTES = 16 * 1024;

  private final Context context;
  private final EventWriter writer;
  private final StdStream stream;
  private final Watcher watcher;
  private @Nullable OutputReader reader;
  private Promise<Boolean> told = Promise.promise();

  /** Readers so far; what an earlier one still brings is not told. */
  private int readers;

  /** Who is told of what goes wrong; on the same context. */
  interface Watcher {
    /** The stream cannot be told. */
    void failed(Throwable e);

    /** The reader came to its end before its stream has; there may be another. */
    void lost();
  }

  OutputEvents(Context context, EventWriter writer, StdStream stream, Watcher watcher) {
    this.context = context;
    this.writer = writer;
    this.stream = stream;
    this.watcher = watcher;
  }

  /** Whether there is a reader, or was one that was told to its end. */
  boolean attached() {
    return reader != null;
  }

  /** Tells what a reader has, unless another is being told. Closes it at the end. */
  void attach(OutputReader with) {
    if (reader != null && !told.future().isComplete()) {
      with.close();
      return;
    }
    reader = with;
    told = Promise.promise();
    readers++;
    next(with, readers);
  }

  /**
   * Completes with whether the stream of the reader was told to its end, or the reader was lost.
   */
  Future<Boolean> told() {
    return told.future();
  }

  private void next(OutputReader from, int turn) {
    if (turn != readers) {
      return;
    }
    long offset = writer.offset(stream);
    from.read(offset, CHUNK_BYTES)
        .onComplete(bytes -> take(from, turn, bytes), e -> fail(from, turn, e));
  }

  private void take(OutputReader from, int turn, Buffer bytes) {
    if (turn != readers) {
      return;
    }
    long offset = writer.offset(stream);
    if (bytes.length() > 0) {
      writer.output(stream, wholeCharacters(bytes));
      writer.whenRoom(() -> context.runOnContext(again -> next(from, turn)));
    } else if (from.ended() && offset >= from.size()) {
      from.close();
      // It stays the reader: what was told to its end is not told again.
      told.tryComplete(true);
    } else {
      from.more(offset)
          .onComplete(
              more -> context.runOnContext(again -> next(from, turn)), e -> fail(from, turn, e));
    }
  }

  private void fail(OutputReader from, int turn, Throwable e) {
    if (turn != readers) {
      return;
    }
    if (!Readers.isLost(e)) {
      watcher.failed(e);
      return;
    }
    from.close();
    reader = null;
    readers++;
    told.tryComplete(false);
    watcher.lost();
  }

  /** Without the beginning of a character whose rest has not come, unless that is all there is. */
  private static Buffer wholeCharacters(Buffer bytes) {
    int length = bytes.length();
    for (int back = 1; back <= Math.min(3, length); back++) {
      int lead = bytes.getByte(length - back) & 0xFF;
      if (lead >= 0xC0) {
        int width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        return width > back && length > back ? bytes.slice(0, length - back) : bytes;
      }
      if (lead < 0x80) {
        return bytes;
      }
    }
    return bytes;
  }

  /** {@code {"offset", "text" | "base64"}}. */
  static JsonObject json(long offset, Buffer bytes) {
    JsonObject json = new JsonObject().put("offset", offset);
    byte[] content = bytes.getBytes();
    try {
      return json.put(
          "text", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString());
    } catch (CharacterCodingException e) {
      return json.put("base64", Base64.getEncoder().encodeToString(content));
    }
  }

  @Override
  public void close() {
    OutputReader open = reader;
    reader = null;
    readers++;
    if (open != null) {
      open.close();
    }
  }
}
