/**
 * Real programs that attack a whole node, at each level of isolation: {@code attacks/table.txt}
 * says which, and what comes of them; {@link dev.stoker.attack.AttackIT} holds it true, and {@link
 * dev.stoker.attack.AttackMain} does so where there is neither Maven nor a compiler.
 */
@NullMarked
package dev.stoker.attack;

import org.jspecify.annotations.NullMarked;
