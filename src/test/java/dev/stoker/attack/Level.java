package dev.stoker.attack;

import java.util.Locale;

/** The isolation under which an attack is made. */
enum Level {
  NONE,
  CONFINED,
  CONTAINER;

  /** As the catalog has it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
