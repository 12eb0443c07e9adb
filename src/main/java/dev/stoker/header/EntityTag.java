package dev.stoker.header;

import dev.stoker.run.Digest;
import org.jspecify.annotations.Nullable;

/** Entity tags of contents that are named by their digest (RFC 9110, section 8.8.3). */
public final class EntityTag {
  private EntityTag() {}

  /** The strong tag of a content. */
  public static String of(Digest digest) {
    return "\"" + digest + "\"";
  }

  /** Whether an {@code If-None-Match} field names the content. */
  public static boolean matches(@Nullable String ifNoneMatch, Digest digest) {
    if (ifNoneMatch == null) {
      return false;
    }
    String own = of(digest);
    return Tokens.split(ifNoneMatch, ',').stream()
        .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
        .anyMatch(tag -> "*".equals(tag) || tag.equals(own));
  }
}
