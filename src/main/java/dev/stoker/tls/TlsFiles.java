package dev.stoker.tls;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a server's certificate is. Immutable.
 *
 * @param certificate PEM: the server's own, then those that lead to its authority
 * @param key PEM: the private key of the first
 * @param clientAuthorities PEM: who must have signed a caller's certificate; null asks for none
 * @param watch how often the files are looked at
 */
public record TlsFiles(
    Path certificate, Path key, @Nullable Path clientAuthorities, Duration watch) {}
