package dev.stoker.run;

/** A file that a run made and its tool declares. Immutable. */
public record OutputFile(Digest blob, long bytes, String mediaType) {}
