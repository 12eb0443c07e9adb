package dev.stoker.run;

/**
 * One thing wrong with a request.
 *
 * @param field where, as the caller wrote it: {@code params.seconds}, {@code header Stoker-Timeout}
 * @param message what is wrong and what is allowed
 */
public record Violation(String field, String message) {}
