package dev.stoker.ledger;

import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/** An idempotency key as the cluster's map holds it: by its digest, as bytes of JSON. Stateless. */
final class GridKey {
  private GridKey() {}

  static String name(KeyName key) {
    String all = new JsonArray().add(key.principal()).add(key.tool()).add(key.key()).encode();
    return Digest.of(all.getBytes(StandardCharsets.UTF_8)).hex();
  }

  static byte[] encode(RunId run, byte[] fingerprint) {
    return new JsonObject().put("run", run.toString()).put("of", fingerprint).toBuffer().getBytes();
  }

  static RunReader.KeyedRun decode(byte[] bytes) {
    JsonObject json = new JsonObject(Buffer.buffer(bytes));
    return new RunReader.KeyedRun(
        RunId.parse(json.getString("run")), RunRow.digest(json.getBinary("of")));
  }
}
