package dev.stoker.bus;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Our messages as CBOR (RFC 8949): records by the names of their components, a value of a sealed
 * type with the name of its class. Only classes of Stoker's own packages are ever made. Stateless
 * and thread-safe.
 */
final class Wire {
  private static final String OWN_PACKAGE = "dev.stoker.";

  private static final ObjectMapper MAPPER = mapper();

  private Wire() {}

  static byte[] encode(Object message) {
    Object told = message instanceof BusFailure failure ? Told.of(failure.failure()) : message;
    try {
      return MAPPER.writerFor(Envelope.class).writeValueAsBytes(new Envelope(told));
    } catch (IOException e) {
      throw new UncheckedIOException(message.getClass() + " cannot be sent to another node", e);
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws UncheckedIOException when it did not write this
   */
  static Object decode(byte[] bytes) {
    try {
      Object message = MAPPER.readValue(bytes, Envelope.class).message();
      return message instanceof Told told ? told.failure() : message;
    } catch (IOException e) {
      throw new UncheckedIOException("a message of another node cannot be read", e);
    }
  }

  /** The outermost value too says what it is. */
  private record Envelope(
      @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, include = JsonTypeInfo.As.WRAPPER_ARRAY)
          Object message) {}

  /** A failure on its way. */
  private record Told(
      int code, String message, List<Violation> violations, @Nullable Duration retryAfter) {
    static Told of(ServiceException failure) {
      return new Told(
          failure.code().number(),
          String.valueOf(failure.getMessage()),
          failure.violations(),
          failure.retryAfter());
    }

    BusFailure failure() {
      return new BusFailure(
          ServiceException.told(ErrorCode.byNumber(code), message, violations, retryAfter));
    }
  }

  private static ObjectMapper mapper() {
    BasicPolymorphicTypeValidator ours =
        BasicPolymorphicTypeValidator.builder().allowIfSubType(OWN_PACKAGE).build();
    ObjectMapper mapper = new ObjectMapper(new CBORFactory());
    mapper.setPolymorphicTypeValidator(ours);
    mapper.setDefaultTyping(
        new SealedTypes(ours)
            .init(JsonTypeInfo.Id.CLASS, null)
            .inclusion(JsonTypeInfo.As.WRAPPER_ARRAY));
    mapper.registerModule(new JavaTimeModule());
    mapper.registerModule(
        new SimpleModule()
            .addSerializer(JsonObject.class, new JsonObjectWriter())
            .addDeserializer(JsonObject.class, new JsonObjectReader()));
    mapper.disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
    // A newer node may say more.
    mapper.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    return mapper;
  }

  /** Says the class of values whose declared type does not. */
  private static final class SealedTypes extends ObjectMapper.DefaultTypeResolverBuilder {
    private static final long serialVersionUID = 1L;

    SealedTypes(BasicPolymorphicTypeValidator validator) {
      super(ObjectMapper.DefaultTyping.NON_FINAL, validator);
    }

    @Override
    public boolean useForType(JavaType type) {
      return type.getRawClass().isSealed();
    }
  }

  private static final class JsonObjectWriter extends JsonSerializer<JsonObject> {
    @Override
    public void serialize(JsonObject value, JsonGenerator to, SerializerProvider with)
        throws IOException {
      to.writeString(value.encode());
    }
  }

  private static final class JsonObjectReader extends StdDeserializer<JsonObject> {
    private static final long serialVersionUID = 1L;

    JsonObjectReader() {
      super(JsonObject.class);
    }

    @Override
    public JsonObject deserialize(JsonParser from, DeserializationContext with) throws IOException {
      return new JsonObject(from.getText());
    }
  }
}
