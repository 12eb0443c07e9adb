package dev.stoker.tool;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The digest of a definition's canonical JSON: keys sorted, so that it is the same on each node.
 */
final class DefinitionDigest {
  private static final ObjectMapper CANONICAL =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .addModule(
              new SimpleModule()
                  .addSerializer(Duration.class, ToStringSerializer.instance)
                  .addSerializer(ByteSize.class, ToStringSerializer.instance)
                  .addSerializer(JsonObject.class, new SchemaSerializer()))
          .build();

  private DefinitionDigest() {}

  static Digest of(ToolDefinition definition) {
    try {
      byte[] json = CANONICAL.writeValueAsString(definition).getBytes(StandardCharsets.UTF_8);
      return Digest.of(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a definition is always JSON", e);
    }
  }

  private static final class SchemaSerializer extends JsonSerializer<JsonObject> {
    @Override
    public void serialize(JsonObject value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      // Through text, so that only plain maps are left, whose keys are sorted.
      provider.defaultSerializeValue(new JsonObject(value.encode()).getMap(), json);
    }
  }
}
