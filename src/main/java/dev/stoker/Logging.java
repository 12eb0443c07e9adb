package dev.stoker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.stoker.config.LogSettings;
import dev.stoker.config.LogSettings.Format;
import java.net.URL;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Has the log be as the configuration says, which is read after the first logger was made. What the
 * environment says comes first. Called once, before anything else has a thread.
 */
final class Logging {
  private static final String FORMAT = "STOKER_LOG";
  private static final String LEVEL = "STOKER_LOG_LEVEL";
  private static final String RUNS = "dev.stoker.runs";
  private static final String REQUESTS = "dev.stoker.requests";

  private Logging() {}

  /**
   * Applies what was configured.
   *
   * @param node its name, a field of every line from now on
   */
  static void apply(LogSettings settings, String node, Map<String, String> environment) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    if (settings.format() == Format.JSON && !environment.containsKey(FORMAT)) {
      reread(context);
    }
    context.putProperty("node", node);
    if (!environment.containsKey(LEVEL)) {
      context
          .getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
          .setLevel(Level.toLevel(settings.level().name()));
    }
    context
        .getLogger(RUNS)
        .setLevel(
            switch (settings.runs()) {
              case ALL -> Level.DEBUG;
              case BAD -> Level.INFO;
              case NONE -> Level.OFF;
            });
    context.getLogger(REQUESTS).setLevel(settings.requests() ? Level.DEBUG : Level.OFF);
  }

  private static void reread(LoggerContext context) {
    URL file = Logging.class.getResource("/logback.xml");
    if (file == null) {
      throw new IllegalStateException("the jar lacks logback.xml");
    }
    context.reset();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    // Not a property of the context: each line would have it.
    System.setProperty(FORMAT, "json");
    try {
      configurator.doConfigure(file);
    } catch (JoranException e) {
      throw new IllegalStateException("the jar's logback.xml cannot be read", e);
    } finally {
      System.clearProperty(FORMAT);
    }
  }
}
