package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.Principal;
import org.jspecify.annotations.Nullable;

/** An idempotency key with what it is unique within. Immutable. */
record KeyName(String principal, String tool, String key) {
  KeyName(Principal principal, String tool, Command.IdempotencyKey key) {
    this(principal.name(), tool, key.key());
  }

  static @Nullable KeyName of(Command command) {
    Command.IdempotencyKey key = command.idempotencyKey();
    return key == null ? null : new KeyName(command.principal(), command.tool(), key);
  }
}
