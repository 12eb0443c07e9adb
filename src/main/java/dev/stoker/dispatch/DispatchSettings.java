package dev.stoker.dispatch;

import java.time.Duration;

/**
 * How commands are admitted and placed.
 *
 * @param slots commands that run at once on this node
 * @param queue commands that may wait on this node, of all tools
 * @param acknowledge how long an executor may take to say that it has a command
 */
public record DispatchSettings(int slots, int queue, Duration acknowledge) {}
