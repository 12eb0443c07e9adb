package dev.stoker.cgroup;

/**
 * What a group's processes have used and met since it was taken. Immutable.
 *
 * @param memoryPeakBytes files' cached pages count, too; 0 where the kernel does not tell
 * @param cpuMillis 0 where the kernel does not tell
 * @param outOfMemoryKills processes that the kernel killed because the group was at its limit
 * @param forksRefused how often a process or thread was one too many
 */
public record GroupUse(
    long memoryPeakBytes, long cpuMillis, long outOfMemoryKills, long forksRefused) {}
