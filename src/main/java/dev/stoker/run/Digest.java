package dev.stoker.run;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of some content, as 64 lower-case hexadecimal digits. Written {@code sha256:…} on the
 * wire.
 *
 * <p>Immutable.
 */
public record Digest(String hex) {
  private static final String PREFIX = "sha256:";
  private static final int HEX_LENGTH = 64;

  public Digest {
    if (!isHex(hex)) {
      throw new IllegalArgumentException("a SHA-256 digest is 64 lower-case hexadecimal digits");
    }
  }

  /** A new SHA-256 computation; one owner, not thread-safe. */
  public static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Ends {@code sha256} and takes its value. */
  public static Digest from(MessageDigest sha256) {
    return new Digest(HexFormat.of().formatHex(sha256.digest()));
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] content) {
    MessageDigest sha256 = newSha256();
    sha256.update(content);
    return from(sha256);
  }

  /**
   * Reads {@code sha256:<hex>} or the bare digits, upper or lower case.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static Digest parse(String text) {
    String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    return new Digest(hex.toLowerCase(java.util.Locale.ROOT));
  }

  private static boolean isHex(String text) {
    return text.length() == HEX_LENGTH
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
