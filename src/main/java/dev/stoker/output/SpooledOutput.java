package dev.stoker.output;

import dev.stoker.run.Captured;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Two spools and who forgets them. */
final class SpooledOutput implements RunOutput {
  private final Spool stdout;
  private final Spool stderr;
  private final Consumer<SpooledOutput> forget;

  SpooledOutput(Spool stdout, Spool stderr, Consumer<SpooledOutput> forget) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.forget = forget;
  }

  Spool spool(StdStream stream) {
    return switch (stream) {
      case STDOUT -> stdout;
      case STDERR -> stderr;
    };
  }

  @Override
  public void onRoom(RoomHandler handler) {
    stdout.onRoom(() -> handler.onRoom(StdStream.STDOUT));
    stderr.onRoom(() -> handler.onRoom(StdStream.STDERR));
  }

  @Override
  public Verdict append(StdStream stream, ByteBuffer chunk) {
    return spool(stream).append(chunk);
  }

  @Override
  public void stopPassing() {
    for (Spool spool : List.of(stdout, stderr)) {
      switch (spool) {
        case PassSpool passed -> passed.stopPassing();
        case KeepSpool _ -> {}
      }
    }
  }

  @Override
  public void end() {
    stdout.end();
    stderr.end();
  }

  @Override
  public Future<Captured> captured(StdStream stream) {
    return spool(stream).captured();
  }

  @Override
  public void close() {
    forget.accept(this);
    stdout.close();
    stderr.close();
  }
}
