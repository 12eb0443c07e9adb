package dev.stoker.contract;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks a request's path, query and headers against its operation. Thread-safe. */
final class ParameterCheck implements Handler<RoutingContext> {
  private static final String OPEN_QUERY = "x-stoker-open-query";
  private static final String ALLOWED = "x-stoker-allowed";
  private static final int SHOWN_CHARACTERS_MAX = 80;
  private static final int KNOWN_VALUES_MAX = 64;
  private static final int KNOWN_CHARACTERS_MAX = 64;

  /**
   * A parameter, and some values that have passed its schema: most requests bring one of a few, and
   * a look-up costs a hundredth of a validation.
   */
  private record Checked(
      Parameter parameter, Validator validator, String allowed, Set<String> known) {
    boolean allows(String value) {
      if (known.contains(value)) {
        return true;
      }
      Object typed = typed(parameter, value);
      boolean valid = typed != null && validator.validate(typed).getValid();
      if (valid && value.length() <= KNOWN_CHARACTERS_MAX && known.size() < KNOWN_VALUES_MAX) {
        known.add(value);
      }
      return valid;
    }
  }

  private final Contract.Asked asked;
  private final List<Checked> parameters;
  private final Set<String> queryNames;
  private final boolean openQuery;

  ParameterCheck(Operation operation, SchemaRepository schemas) {
    this.asked = Contract.Asked.of(operation);
    this.parameters =
        operation.getParameters().stream()
            .map(
                parameter ->
                    new Checked(
                        parameter,
                        schemas.validator(parameter.getSchema()),
                        allowed(parameter),
                        ConcurrentHashMap.newKeySet()))
            .toList();
    this.queryNames =
        operation.getParameters().stream()
            .filter(parameter -> parameter.getIn() == Location.QUERY)
            .map(Parameter::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    this.openQuery = operation.getOpenAPIModel().getBoolean(OPEN_QUERY, false);
  }

  @Override
  public void handle(RoutingContext routing) {
    List<Violation> violations = new ArrayList<>(0);
    for (Checked checked : parameters) {
      check(checked, values(checked, routing), violations);
    }
    if (!openQuery && routing.request().query() != null) {
      checkNames(routing.queryParams(), violations);
    }
    if (violations.isEmpty()) {
      routing.next();
    } else {
      asked.note(routing);
      routing.fail(refusal(violations));
    }
  }

  /**
   * Checks the header fields of a request that came some other way.
   *
   * @throws ServiceException INVALID_REQUEST, as over HTTP
   */
  void checkHeaders(Function<String, List<String>> headers) {
    List<Violation> violations = new ArrayList<>(0);
    for (Checked checked : parameters) {
      if (checked.parameter().getIn() == Location.HEADER) {
        check(checked, headers.apply(checked.parameter().getName()), violations);
      }
    }
    if (!violations.isEmpty()) {
      throw refusal(violations);
    }
  }

  private static ServiceException refusal(List<Violation> violations) {
    return ServiceException.invalid(
        ErrorCode.INVALID_REQUEST, "the request is not what the API allows", violations);
  }

  private static List<String> values(Checked checked, RoutingContext routing) {
    String name = checked.parameter().getName();
    return switch (checked.parameter().getIn()) {
      case PATH -> {
        String value = routing.pathParam(name);
        yield value == null ? List.of() : List.of(value);
      }
      case QUERY -> routing.queryParams().getAll(name);
      case HEADER -> routing.request().headers().getAll(name);
      case COOKIE -> List.of();
    };
  }

  private static void check(Checked checked, List<String> values, List<Violation> violations) {
    Parameter parameter = checked.parameter();
    if (values.isEmpty()) {
      if (parameter.isRequired()) {
        violations.add(
            new Violation(field(parameter), "is missing; allowed: " + checked.allowed()));
      }
    } else if (parameter.getIn() == Location.QUERY && values.size() > 1) {
      violations.add(
          new Violation(field(parameter), "is given " + values.size() + " times; allowed: once"));
    } else {
      String value = values.size() == 1 ? values.getFirst() : String.join(", ", values);
      if (!checked.allows(value)) {
        violations.add(
            new Violation(
                field(parameter),
                "'" + shown(value) + "' is not allowed; allowed: " + checked.allowed()));
      }
    }
  }

  private void checkNames(MultiMap query, List<Violation> violations) {
    for (String name : new TreeSet<>(query.names())) {
      if (!queryNames.contains(name)) {
        violations.add(
            new Violation(
                "query " + shown(name),
                "is not known; allowed: "
                    + (queryNames.isEmpty() ? "none" : String.join(", ", queryNames))));
      }
    }
  }

  private static String field(Parameter parameter) {
    return parameter.getIn().toString().toLowerCase(Locale.ROOT) + " " + parameter.getName();
  }

  private static @Nullable Object typed(Parameter parameter, String value) {
    try {
      return switch (parameter.getSchemaType()) {
        case INTEGER -> Long.valueOf(value);
        case NUMBER -> Double.valueOf(value);
        case BOOLEAN ->
            switch (value) {
              case "true" -> true;
              case "false" -> false;
              default -> null;
            };
        default -> value;
      };
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String allowed(Parameter parameter) {
    JsonObject schema = schema(parameter);
    if (schema.getString(ALLOWED) != null) {
      return schema.getString(ALLOWED);
    }
    JsonArray values = schema.getJsonArray("enum");
    if (values != null) {
      return values.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
    return switch (parameter.getSchemaType()) {
      case INTEGER ->
          "a whole number from " + schema.getValue("minimum") + " to " + schema.getValue("maximum");
      case BOOLEAN -> "true, false";
      default -> "1 to " + schema.getInteger("maxLength", Integer.MAX_VALUE) + " characters";
    };
  }

  /** As the parser resolved it: its model may hold a reference. */
  private static JsonObject schema(Parameter parameter) {
    JsonObject schema = new JsonObject();
    for (String name : parameter.getSchema().fieldNames()) {
      Object value = parameter.getSchema().get(name);
      schema.put(name, value);
    }
    return schema;
  }

  private static String shown(String value) {
    String printable =
        value
            .codePoints()
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return printable.length() <= SHOWN_CHARACTERS_MAX
        ? printable
        : printable.substring(0, SHOWN_CHARACTERS_MAX) + "…";
  }
}
