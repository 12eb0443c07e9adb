package dev.stoker.header;

import dev.stoker.run.Command.CacheControl;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request's {@code Cache-Control} (RFC 9111, section 5.2.1). */
public final class CacheDirectives {
  private CacheDirectives() {}

  /** What the caller allows; directives other than no-cache and no-store are ignored. */
  public static CacheControl parse(@Nullable String field) {
    CacheControl control = CacheControl.USE;
    if (field != null) {
      for (String directive : Tokens.split(field, ',')) {
        switch (directive.toLowerCase(Locale.ROOT)) {
          case "no-store" -> control = CacheControl.NO_STORE;
          case "no-cache", "max-age=0" ->
              control = control == CacheControl.USE ? CacheControl.NO_CACHE : control;
          default -> {}
        }
      }
    }
    return control;
  }
}
