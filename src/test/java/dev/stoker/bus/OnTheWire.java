package dev.stoker.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;

/** Sends messages as other nodes get them, for the tests of the packages that they are from. */
public final class OnTheWire {
  private OnTheWire() {}

  /** What another node is told says the same, in values of the same types, at every depth. */
  public static void assertCarried(Object message) {
    assertThat(Wire.decode(Wire.encode(message)))
        .usingRecursiveComparison()
        .withStrictTypeChecking()
        .withEqualsForType(JsonObject::equals, JsonObject.class)
        // Each JVM counts from another moment: the time since is what is told.
        .ignoringFieldsMatchingRegexes(".*acceptedNanos")
        .isEqualTo(message);
  }
}
