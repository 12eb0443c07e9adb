/**
 * Turns {@code conf/stoker.yaml} and the command line into each feature's settings.
 *
 * <p>The way in is {@link dev.stoker.config.Configuration}. Stateless; used once, at the start. It
 * knows every feature's settings record and none of its behaviour.
 */
@NullMarked
package dev.stoker.config;

import org.jspecify.annotations.NullMarked;
