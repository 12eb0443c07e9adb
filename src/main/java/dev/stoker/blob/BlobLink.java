package dev.stoker.blob;

/** A blob's content under another name for a while. */
public interface BlobLink extends AutoCloseable {
  /** Whether the content is as it was (size and modification time). One stat. */
  boolean intact();

  /** Removes the other name; removes the blob too if it is not {@link #intact}. Idempotent. */
  @Override
  void close();
}
