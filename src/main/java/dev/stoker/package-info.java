/**
 * The program: the command line, and the one place where the features are wired together.
 *
 * <p>The way in is {@link dev.stoker.Main}.
 */
@NullMarked
package dev.stoker;

import org.jspecify.annotations.NullMarked;
