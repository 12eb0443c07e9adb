package dev.stoker.function;

/**
 * Numbers of WASI preview 1 (<a
 * href="https://github.com/WebAssembly/WASI/blob/v0.2.1/legacy/preview1/docs.md#errno">errno</a>),
 * those that Stoker itself answers with.
 */
final class Errno {
  static final int SUCCESS = 0;
  static final int EACCES = 2;
  static final int EBADF = 8;
  static final int EFBIG = 22;
  static final int EINVAL = 28;
  static final int EIO = 29;
  static final int EISDIR = 31;
  static final int EMFILE = 33;
  static final int ENAMETOOLONG = 37;
  static final int ENOENT = 44;
  static final int ENOSPC = 51;
  static final int ENOSYS = 52;
  static final int ENOTDIR = 54;
  static final int ENOTSUP = 58;
  static final int EPERM = 63;

  private Errno() {}
}
