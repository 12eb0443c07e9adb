package dev.stoker.config;

/**
 * A setting that is not allowed. Its message names file, key and what is allowed, one line each.
 */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConfigurationException(String message) {
    super(message);
  }

  ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
