package dev.stoker.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the command line says; it wins over the file. Null where it says nothing. Immutable. */
public record Overrides(
    @Nullable Path config,
    @Nullable Path catalog,
    @Nullable Path data,
    @Nullable Integer port,
    @Nullable Integer managementPort,
    Membership membership) {

  /** Whether the node joins a cluster. */
  public enum Membership {
    ALONE,
    CLUSTER
  }

  /** For a node that is alone. */
  public Overrides(
      @Nullable Path config,
      @Nullable Path catalog,
      @Nullable Path data,
      @Nullable Integer port,
      @Nullable Integer managementPort) {
    this(config, catalog, data, port, managementPort, Membership.ALONE);
  }
}
