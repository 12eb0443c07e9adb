package dev.stoker.trace;

/**
 * The names of spans and of what is said of them; those of OpenTelemetry's semantic conventions
 * where there are such.
 */
public final class SpanNames {
  /** At its home, from the command to the end that its callers hear. */
  public static final String DISPATCH = "dispatch";

  /** In the queue, each time. */
  public static final String QUEUE = "queue";

  /** One placement: from the choice of a node to its answer. */
  public static final String PLACE = "place";

  /** One try on a node, from the slot to the end that its home is told. */
  public static final String ATTEMPT = "attempt";

  /** From the slot to the running process. */
  public static final String START = "start";

  /** From the running process to the end of its tree. */
  public static final String EXECUTION = "execution";

  /** From there until its files and output are kept. */
  public static final String COLLECTION = "collection";

  /** From the end of a run to the last byte of its answer. */
  public static final String REPLY = "reply";

  /** A command from the event bus. */
  public static final String COMMAND = "process stoker.commands";

  public static final String RUN_ID = "stoker.run.id";
  public static final String TOOL = "stoker.tool";
  public static final String NODE = "stoker.node";

  /** How the span's own part ended: a run's terminal state where it knows one. */
  public static final String OUTCOME = "stoker.outcome";

  public static final String CACHE = "stoker.cache";
  public static final String PRINCIPAL = "stoker.principal";
  public static final String TRY = "stoker.attempt";
  public static final String PLACEMENT = "stoker.placement";
  public static final String EXECUTOR = "stoker.executor";
  public static final String CPU_MILLIS = "stoker.cpu_ms";

  public static final String ERROR_TYPE = "error.type";
  public static final String EXIT_CODE = "process.exit.code";
  public static final String METHOD = "http.request.method";
  public static final String ROUTE = "http.route";
  public static final String STATUS = "http.response.status_code";
  public static final String PATH = "url.path";
  public static final String SCHEME = "url.scheme";
  public static final String SERVER = "server.address";
  public static final String PROTOCOL_VERSION = "network.protocol.version";
  public static final String MESSAGING = "messaging.system";
  public static final String OPERATION = "messaging.operation.type";
  public static final String DESTINATION = "messaging.destination.name";

  private SpanNames() {}
}
