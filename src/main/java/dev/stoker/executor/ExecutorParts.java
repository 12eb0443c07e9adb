package dev.stoker.executor;

import dev.stoker.blob.BlobStore;
import dev.stoker.cache.ResultCache;
import dev.stoker.ledger.Ledger;
import dev.stoker.output.Outputs;
import dev.stoker.process.ProcessRunner;
import dev.stoker.telemetry.Metrics;

/** What an executor works with; whoever made it closes it. Immutable. */
public record ExecutorParts(
    ProcessRunner runner,
    BlobStore blobs,
    Outputs outputs,
    Ledger ledger,
    ResultCache cache,
    Metrics metrics) {}
