package dev.stoker.dispatch;

import dev.stoker.audit.Audit;
import dev.stoker.blob.BlobStore;
import dev.stoker.cache.ResultCache;
import dev.stoker.cluster.Members;
import dev.stoker.ledger.Ledger;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.permit.Permits;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import dev.stoker.trace.Tracing;

/** What a dispatcher works with; whoever made it closes it. Immutable. */
public record DispatchParts(
    Members members,
    Catalog catalog,
    Ledger ledger,
    ResultCache cache,
    Permits permits,
    BlobStore blobs,
    Peers peers,
    Outputs outputs,
    Metrics metrics,
    Tracing tracing,
    Audit audit) {}
