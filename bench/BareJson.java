import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;

/**
 * The yardstick for a cache hit: a bare Vert.x endpoint that takes a small JSON body and answers with
 * a JSON object, on as many event loops as Stoker's gateway has. Run from the build's jar: java -cp
 * target/stoker.jar bench/BareJson.java PORT
 */
public final class BareJson {
  private BareJson() {}

  public static void main(String[] arguments) {
    int port = Integer.parseInt(arguments[0]);
    int loops = Runtime.getRuntime().availableProcessors();
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops));
    vertx
        .deployVerticle(() -> new Server(port), new DeploymentOptions().setInstances(loops))
        .onSuccess(id -> System.out.println("ready"))
        .onFailure(
            e -> {
              e.printStackTrace();
              System.exit(1);
            });
  }

  private static final class Server extends AbstractVerticle {
    private final int port;

    Server(int port) {
      this.port = port;
    }

    @Override
    public void start() {
      Router router = Router.router(vertx);
      router
          .post("/json")
          .handler(BodyHandler.create(false))
          .handler(
              context ->
                  context.json(
                      new JsonObject()
                          .put("hello", "world")
                          .put("text", context.body().asJsonObject().getString("text"))));
      vertx.createHttpServer().requestHandler(router).listen(port, "127.0.0.1");
    }
  }
}
