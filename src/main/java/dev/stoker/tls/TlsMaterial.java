package dev.stoker.tls;

import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a server proves itself with. Immutable; nobody changes the options.
 *
 * @param authorities of callers; null where they need no certificate
 * @param expiresAt when the first certificate of the chain ends
 */
public record TlsMaterial(
    PemKeyCertOptions certificate, @Nullable PemTrustOptions authorities, Instant expiresAt) {}
