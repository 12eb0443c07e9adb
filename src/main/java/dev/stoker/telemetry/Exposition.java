package dev.stoker.telemetry;

/** A form that metrics are told in. */
public enum Exposition {
  /** Prometheus' text format. */
  PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),

  /** OpenMetrics 1.0: the same numbers with units, and with traces as examples. */
  OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String contentType;

  Exposition(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }
}
