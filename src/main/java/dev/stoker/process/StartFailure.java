package dev.stoker.process;

/**
 * Why a process could not be started.
 *
 * @param errno Linux's number, 0 where there is none
 * @param reason for the caller, such as {@code cannot start 'x': no such file}
 */
public record StartFailure(int errno, String reason) {}
