package dev.stoker.process;

/**
 * A seccomp program that is made to measure for the thread that puts itself under it. An
 * implementation is immutable and equal to another that makes the same programs: it is a part of
 * {@link Confinement}, by which threads are found again.
 */
public interface SyscallFilter {
  /** The classic BPF program: {@code struct sock_filter}s, eight bytes each, in native order. */
  byte[] program(Holder holder);

  /**
   * Whose filter it is to be.
   *
   * @param group the process group that the thread's processes are put into; 0 for one of their own
   * @param thread the thread's number: its processes have its rights over it, and must be kept from
   *     using them
   * @param process this JVM's number
   */
  record Holder(int group, int thread, int process) {}
}
