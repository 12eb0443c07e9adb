import com.hazelcast.config.Config;
import com.hazelcast.config.FileSystemXmlConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Joins a Stoker cluster, runs one command over the event bus, and prints what it came to.
 *
 * <p>Usage: {@code BusClient cluster.xml run|follow '{"tool": "echo", "params": {"text": "hi"}}'}.
 * {@code run} waits for the run; {@code follow} has it accepted first and prints its states as they
 * change. The last line is the run's JSON. Exits with 1 when the command was refused: the code and
 * the words are on standard error.
 */
final class BusClient {
  private static final String COMMANDS = "stoker.commands";
  private static final String RUNS = "stoker.runs.";
  private static final long ANSWER_SECONDS = 120;

  private BusClient() {}

  public static void main(String[] arguments) throws Exception {
    Config config = new FileSystemXmlConfig(arguments[0]);
    // A member without data: it can come and go, and the nodes need move nothing.
    config.setLiteMember(true);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    Vertx vertx =
        Vertx.builder()
            .withClusterManager(new HazelcastClusterManager(config))
            .buildClustered()
            .await(ANSWER_SECONDS, TimeUnit.SECONDS);
    int exit = 0;
    try {
      JsonObject command = new JsonObject(arguments[2]);
      EventBus bus = vertx.eventBus();
      Future<JsonObject> ended =
          "follow".equals(arguments[1]) ? follow(bus, command) : run(bus, command);
      System.out.println(ended.await(ANSWER_SECONDS, TimeUnit.SECONDS).encode());
    } catch (ReplyException refused) {
      System.err.println(refused.failureCode() + ": " + refused.getMessage());
      exit = 1;
    } finally {
      vertx.close().await(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
    System.exit(exit);
  }

  /** The reply is the ended run. */
  private static Future<JsonObject> run(EventBus bus, JsonObject command) {
    return send(bus, command, options());
  }

  /**
   * The reply is the accepted run, which cannot be lost from then on. Its states are published; a
   * short run may have ended before anybody listens, so the same command is sent once more with its
   * key: that starts nothing, and its reply is the run when it has ended.
   */
  private static Future<JsonObject> follow(EventBus bus, JsonObject command) {
    String key = UUID.randomUUID().toString();
    return send(
            bus,
            command,
            options().addHeader("Idempotency-Key", key).addHeader("Prefer", "respond-async"))
        .compose(
            accepted -> {
              print(accepted);
              var states =
                  bus.<JsonObject>consumer(
                      RUNS + accepted.getString("id"), change -> print(change.body()));
              return states
                  .completion()
                  .compose(
                      listening ->
                          send(
                              bus,
                              command,
                              options()
                                  .addHeader("Idempotency-Key", key)
                                  .addHeader("Prefer", "wait=60")))
                  .eventually(states::unregister);
            });
  }

  private static Future<JsonObject> send(
      EventBus bus, JsonObject command, DeliveryOptions options) {
    return bus.<JsonObject>request(COMMANDS, command, options).map(Message::body);
  }

  private static DeliveryOptions options() {
    // The bus gives up after 30 s by default, and a tool may take longer.
    return new DeliveryOptions().setSendTimeout(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
  }

  private static void print(JsonObject run) {
    System.out.println("state " + run.getString("state"));
  }
}
