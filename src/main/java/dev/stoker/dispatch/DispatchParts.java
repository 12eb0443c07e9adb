package dev.stoker.dispatch;

import dev.stoker.blob.BlobStore;
import dev.stoker.cache.ResultCache;
import dev.stoker.ledger.Ledger;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;

/** What a dispatcher works with; whoever made it closes it. Immutable. */
public record DispatchParts(
    Catalog catalog, Ledger ledger, ResultCache cache, BlobStore blobs, Metrics metrics) {}
