package dev.stoker.gateway;

import dev.stoker.audit.Audit;
import dev.stoker.blob.BlobStore;
import dev.stoker.cache.ResultCache;
import dev.stoker.check.StaticCheck;
import dev.stoker.contract.Contract;
import dev.stoker.dispatch.Runs;
import dev.stoker.ledger.Ledger;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tls.Certificates;
import dev.stoker.tool.Catalog;
import dev.stoker.trace.Tracing;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway works with; whoever made it closes it. Immutable.
 *
 * @param certificates null: it serves in clear
 */
public record GatewayParts(
    Contract contract,
    Catalog catalog,
    Runs runs,
    Outputs outputs,
    BlobStore blobs,
    Peers peers,
    StaticCheck check,
    Ledger ledger,
    ResultCache cache,
    Metrics metrics,
    Tracing tracing,
    Audit audit,
    Probes probes,
    Nodes nodes,
    @Nullable Certificates certificates) {}
