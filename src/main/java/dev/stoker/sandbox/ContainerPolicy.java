package dev.stoker.sandbox;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition.Network;

/**
 * What a run in a container sees beside its work directory. Immutable; nobody changes the filter.
 *
 * @param temporary how much {@code /tmp} takes, and how much {@code /dev/shm}; in memory
 * @param filter a program for seccomp, under which the tool starts
 */
record ContainerPolicy(PrivateRoot root, Network network, ByteSize temporary, byte[] filter) {}
