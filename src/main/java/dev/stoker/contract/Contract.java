package dev.stoker.contract;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.stoker.tool.Catalog;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The API's OpenAPI 3.1 document, as the class path has it. Immutable; a router made from it is
 * confined to the context it was made on.
 */
public final class Contract {
  private static final String RESOURCE = "/openapi.yaml";
  private static final List<HttpMethod> METHODS =
      List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE);

  private final JsonObject document;
  private final OpenAPIContract parsed;
  private volatile @Nullable Served served;

  private record Served(long generation, Buffer json) {}

  private Contract(JsonObject document, OpenAPIContract parsed) {
    this.document = document;
    this.parsed = parsed;
  }

  /** Reads and checks the document. Fails when it is not OpenAPI 3.1: a fault of the build. */
  public static Future<Contract> load(Vertx vertx) {
    return vertx
        .executeBlocking(Contract::read, false)
        .compose(
            document ->
                OpenAPIContract.from(vertx, ParserView.of(document))
                    .map(parsed -> new Contract(document, parsed)));
  }

  /**
   * A router with exactly the document's operations. Parameters are checked before a handler is
   * called: a request that breaks the document fails with INVALID_REQUEST. Bodies are not read.
   * Where GET is, HEAD is too, even if the document does not say so.
   *
   * @throws IllegalStateException when a handler has no operation, or an operation no handler
   */
  public Router router(Vertx vertx, Map<String, Handler<RoutingContext>> handlers) {
    Set<String> operations = operationIds();
    if (!operations.equals(handlers.keySet())) {
      throw new IllegalStateException(
          "the document has the operations "
              + operations
              + ", the routes are "
              + new TreeSet<>(handlers.keySet()));
    }
    RouterBuilder builder = RouterBuilder.create(vertx, parsed);
    for (OpenAPIRoute route : builder.getRoutes()) {
      Operation operation = route.getOperation();
      Handler<RoutingContext> handler = handlers.get(operation.getOperationId());
      if (handler != null) {
        // The library's validation costs a worker thread for each request and wants the body read.
        route
            .setDoValidation(false)
            .addHandler(new ParameterCheck(operation, parsed.getSchemaRepository()))
            .addHandler(handler);
      }
    }
    Router router = builder.createRouter();
    for (Route route : router.getRoutes()) {
      Set<HttpMethod> methods = route.methods();
      if (methods != null && methods.contains(HttpMethod.GET)) {
        route.method(HttpMethod.HEAD);
      }
    }
    return router;
  }

  /**
   * Checks the header fields of an operation's request that came some other way than over HTTP:
   * given all values of a name, it throws INVALID_REQUEST as over HTTP. Thread-safe.
   */
  public Consumer<Function<String, List<String>>> headerCheck(String operation) {
    return new ParameterCheck(parsed.operation(operation), parsed.getSchemaRepository())
        ::checkHeaders;
  }

  /**
   * The document as JSON, with a path for each tool of the catalog. Made anew when the catalog has
   * changed. Thread-safe.
   *
   * @param catalog always the same one
   */
  public Buffer served(Catalog catalog) {
    long generation = catalog.generation();
    Served known = served;
    if (known == null || known.generation() != generation) {
      JsonObject extended = document.copy();
      catalog.tools().forEach(tool -> ServedDocument.add(extended, tool));
      known = new Served(generation, extended.toBuffer().appendString("\n"));
      served = known;
    }
    return known.json();
  }

  /** The methods that a path has, as {@code Allow} says them; empty when there is no such path. */
  public String allowedMethods(String path) {
    return METHODS.stream()
        .filter(
            method ->
                parsed.findOperation(path, method) != null
                    || (method.equals(HttpMethod.HEAD)
                        && parsed.findOperation(path, HttpMethod.GET) != null))
        .map(HttpMethod::name)
        .collect(Collectors.joining(", "));
  }

  /**
   * The document's operation that a request of one of its routers is for, whether or not its
   * parameters are right.
   *
   * @param id such as {@code createRun}
   * @param path as the document has it, with its parameters in braces
   */
  public record Asked(String id, String path) {
    private static final String NOTED = "stoker.asked";

    /** What {@code routing} is for; null where the document has nothing there. */
    public static @Nullable Asked of(RoutingContext routing) {
      Asked noted = routing.get(NOTED);
      Route route = routing.currentRoute();
      if (noted != null || route == null) {
        return noted;
      }
      Operation operation = route.getMetadata(RouterBuilder.KEY_META_DATA_OPERATION);
      return operation == null ? null : of(operation);
    }

    static Asked of(Operation operation) {
      return new Asked(operation.getOperationId(), operation.getOpenAPIPath());
    }

    /** For those who handle a refusal, when the route is not known any more. */
    void note(RoutingContext routing) {
      routing.put(NOTED, this);
    }
  }

  /** The names of the document's operations. */
  Set<String> operationIds() {
    return parsed.operations().stream()
        .map(Operation::getOperationId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static JsonObject read() {
    try (InputStream in = Contract.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      Map<?, ?> tree = new ObjectMapper(new YAMLFactory()).readValue(in, Map.class);
      @SuppressWarnings("unchecked")
      Map<String, Object> named = (Map<String, Object>) tree;
      return new JsonObject(named);
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " cannot be read", e);
    }
  }
}
