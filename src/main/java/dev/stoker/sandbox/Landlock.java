package dev.stoker.sandbox;

/**
 * Landlock's rights, by what the kernel knows of them (linux/landlock.h, landlock(7)). Stateless.
 */
final class Landlock {
  static final int ABI_REFER = 2;
  static final int ABI_TRUNCATE = 3;
  static final int ABI_TCP = 4;
  static final int ABI_IOCTL = 5;
  static final int ABI_SCOPES = 6;

  static final long EXECUTE = 1;
  static final long WRITE_FILE = 1 << 1;
  static final long READ_FILE = 1 << 2;
  static final long READ_DIRECTORY = 1 << 3;
  static final long MAKE_CHARACTER_DEVICE = 1 << 6;
  static final long MAKE_SOCKET = 1 << 9;
  static final long MAKE_BLOCK_DEVICE = 1 << 11;
  static final long REFER = 1 << 13;
  static final long TRUNCATE = 1 << 14;
  static final long DEVICE_CONTROL = 1 << 15;

  private static final long OF_ABI_1 = (1 << 13) - 1;
  private static final long OF_A_FILE =
      EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL;

  private Landlock() {}

  /** All rights on files that a kernel can refuse. */
  static long handledFiles(int abi) {
    long handled = OF_ABI_1;
    handled |= abi >= ABI_REFER ? REFER : 0;
    handled |= abi >= ABI_TRUNCATE ? TRUNCATE : 0;
    return handled | (abi >= ABI_IOCTL ? DEVICE_CONTROL : 0);
  }

  /** To bind a TCP socket, and to connect one. */
  static long handledNetwork(int abi) {
    return abi >= ABI_TCP ? 3 : 0;
  }

  /** Abstract sockets and signals. */
  static long scopes(int abi) {
    return abi >= ABI_SCOPES ? 3 : 0;
  }

  /** What a run may do in its work directory: all but what makes devices and sockets. */
  static long cell(int abi) {
    return handledFiles(abi)
        & ~(MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE | MAKE_SOCKET | DEVICE_CONTROL);
  }

  /** To read and execute what is beneath a directory. */
  static long readable() {
    return EXECUTE | READ_FILE | READ_DIRECTORY;
  }

  /** Of {@code rights}, those that a file can have, as the kernel demands. */
  static long onFile(long rights) {
    return rights & OF_A_FILE;
  }
}
