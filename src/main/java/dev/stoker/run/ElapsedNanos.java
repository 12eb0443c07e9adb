package dev.stoker.run;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/**
 * A moment of {@link System#nanoTime} on its way to another JVM: as the time that has passed since,
 * so that clocks need not agree. The way itself is not counted.
 */
final class ElapsedNanos {
  private ElapsedNanos() {}

  static final class Writer extends StdSerializer<Long> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(Long.class);
    }

    @Override
    public void serialize(Long moment, JsonGenerator to, SerializerProvider with)
        throws IOException {
      to.writeNumber(System.nanoTime() - moment);
    }
  }

  static final class Reader extends StdDeserializer<Long> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(Long.class);
    }

    @Override
    public Long deserialize(JsonParser from, DeserializationContext with) throws IOException {
      return System.nanoTime() - from.getLongValue();
    }
  }
}
