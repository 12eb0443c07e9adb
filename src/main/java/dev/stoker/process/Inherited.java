package dev.stoker.process;

/**
 * A descriptor that a process is given beside 0, 1 and 2: the first of a spec's list is 3, the next
 * 4, and so on. Each is a file in memory, at its beginning, that no other process has. Immutable.
 */
public sealed interface Inherited {
  /** It holds these bytes. The array is not changed by anyone. */
  record Bytes(byte[] bytes) implements Inherited {}

  /**
   * It is empty, and bubblewrap, which is the spec's program, writes into it how the program inside
   * goes ({@code --json-status-fd}). At most one in a list.
   *
   * <p>The process engine then takes the sandbox for what it is. TERM goes to the program inside
   * and its group, not to bubblewrap, which would die of it and take the rest along. The end is the
   * end of the sandbox's init, which the kernel lets no process of the sandbox outlive. The exit is
   * the inner program's: bubblewrap tells a signal as 128 and its number, and so an exit code of
   * 129 to 192 is taken for a signal. Where bubblewrap ends before it has started the program, the
   * verdict is {@link dev.stoker.run.Outcome.SandboxFailed}.
   */
  record BubblewrapReport() implements Inherited {}
}
