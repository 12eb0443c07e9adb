package dev.stoker.executor;

import dev.stoker.blob.BlobStore;
import dev.stoker.cluster.Members;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.sandbox.Starter;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import dev.stoker.trace.Tracing;

/** What an executor works with; whoever made it closes it. Immutable. */
public record ExecutorParts(
    Members members,
    Catalog catalog,
    Starter starter,
    BlobStore blobs,
    Peers peers,
    Outputs outputs,
    Metrics metrics,
    Tracing tracing) {}
