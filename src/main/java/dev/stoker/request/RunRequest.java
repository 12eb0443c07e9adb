package dev.stoker.request;

import dev.stoker.run.Digest;
import dev.stoker.run.Stdin;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What a body asks for, whatever form it has. The parameters are not yet checked. Immutable. */
record RunRequest(JsonObject parameters, Map<String, Digest> inputs, Stdin stdin) {
  RunRequest {
    inputs = Map.copyOf(inputs);
  }

  /** Without the values: some are secret, and texts end up in logs. */
  @Override
  public String toString() {
    return "RunRequest[" + parameters.size() + " parameters, inputs=" + inputs.keySet() + "]";
  }
}
