package dev.stoker.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the command line says; it wins over the file. Null where it says nothing. Immutable. */
public record Overrides(
    @Nullable Path config,
    @Nullable Path catalog,
    @Nullable Path data,
    @Nullable Integer port,
    @Nullable Integer managementPort) {}
