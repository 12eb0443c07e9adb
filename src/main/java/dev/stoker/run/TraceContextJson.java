package dev.stoker.run;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/**
 * A {@link TraceContext} on its way to another JVM: its {@code traceparent}, a blank, and its
 * {@code tracestate}. A node that says nothing of traces tells of the beginning of one.
 */
final class TraceContextJson {
  private TraceContextJson() {}

  static final class Writer extends StdSerializer<TraceContext> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(TraceContext.class);
    }

    @Override
    public void serialize(TraceContext trace, JsonGenerator to, SerializerProvider with)
        throws IOException {
      to.writeString(trace.parent() + ' ' + trace.state());
    }
  }

  static final class Reader extends StdDeserializer<TraceContext> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(TraceContext.class);
    }

    @Override
    public TraceContext deserialize(JsonParser from, DeserializationContext with)
        throws IOException {
      String text = from.getText();
      int blank = text.indexOf(' ');
      return blank < 0
          ? TraceContext.of(text, null)
          : TraceContext.of(text.substring(0, blank), text.substring(blank + 1));
    }

    @Override
    public TraceContext getAbsentValue(DeserializationContext with) {
      return TraceContext.begin();
    }
  }
}
