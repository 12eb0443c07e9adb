package dev.stoker.function;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Stands before Chicory's WASI and refuses, or cuts into bounded pieces, what a hostile module
 * could make of it. Chicory follows symbolic links wherever they lead, allocates whatever length a
 * module names, and opens as many files as it is told to. So: no links of either kind are made;
 * names, lists and pieces are bounded; a file that is an input is never opened for writing; the
 * number of open files, each file's size and all that is written have limits.
 *
 * <p>Confined to the run's thread.
 */
final class WasiGuard {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int VECTORS_MAX = 1024;
  private static final int SUBSCRIPTIONS_MAX = 1024;
  private static final int NAME_BYTES_MAX = 4096;
  private static final int VECTOR_BYTES = 8;

  private static final int OPEN_CREATE = 1;
  private static final int OPEN_TRUNCATE = 8;
  private static final int FLAG_APPEND = 1;
  private static final long RIGHT_WRITE = 1 << 6;

  private final WasiPreview1 wasi;
  private final OpenFiles files;
  private final DiskAllowance disk;
  private @Nullable Memory scratch;

  WasiGuard(WasiPreview1 wasi, OpenFiles files, DiskAllowance disk) {
    this.wasi = wasi;
    this.files = files;
    this.disk = disk;
  }

  /** What is to be called instead of a function of Chicory's. */
  WasmFunctionHandle around(String name, WasmFunctionHandle call) {
    return switch (name) {
      case "fd_read" -> (instance, args) -> transfer(call, instance, args, false, false);
      case "fd_pread" -> (instance, args) -> transfer(call, instance, args, true, false);
      case "fd_write" -> (instance, args) -> transfer(call, instance, args, false, true);
      case "fd_pwrite" -> (instance, args) -> transfer(call, instance, args, true, true);
      case "fd_allocate" -> (instance, args) -> length(call, instance, args, args[1] + args[2]);
      case "fd_filestat_set_size" -> (instance, args) -> length(call, instance, args, args[1]);
      case "fd_filestat_set_times" -> (instance, args) -> setTimesOfOpen(call, instance, args);
      case "fd_close" -> (instance, args) -> close(call.apply(instance, args), args);
      case "fd_renumber" -> (instance, args) -> renumber(call.apply(instance, args), args);
      case "path_open" -> (instance, args) -> open(call, instance, args);
      case "path_create_directory" -> (instance, args) -> create(call, instance, args);
      case "path_filestat_set_times" -> (instance, args) -> setTimes(call, instance, args);
      case "path_filestat_get" -> (instance, args) -> named(call, instance, args, 3);
      case "path_readlink", "path_remove_directory", "path_unlink_file" ->
          (instance, args) -> named(call, instance, args, 2);
      case "path_rename" -> (instance, args) -> rename(instance, args);
      case "path_link", "path_symlink" -> (instance, args) -> errno(Errno.EPERM);
      case "poll_oneoff" ->
          (instance, args) ->
              (int) args[2] > SUBSCRIPTIONS_MAX ? errno(Errno.EINVAL) : call.apply(instance, args);
      case "proc_exit" ->
          (instance, args) -> {
            throw new ModuleExit((int) args[0]);
          };
      case "proc_raise" -> (instance, args) -> errno(Errno.ENOSYS);
      case "sock_accept", "sock_recv", "sock_send", "sock_shutdown" ->
          (instance, args) -> errno(Errno.ENOTSUP);
      default -> call;
    };
  }

  private static long[] errno(int number) {
    return new long[] {number};
  }

  private static boolean isTooLong(long length) {
    return (int) length < 0 || (int) length > NAME_BYTES_MAX;
  }

  private static long[] named(
      WasmFunctionHandle call, Instance instance, long[] args, int lengthAt) {
    return isTooLong(args[lengthAt]) ? errno(Errno.ENAMETOOLONG) : call.apply(instance, args);
  }

  /**
   * Reads or writes in pieces: Chicory makes an array of each length that it is given. One vector
   * at a time is cut in the module's own memory and put back.
   */
  private long[] transfer(
      WasmFunctionHandle call, Instance instance, long[] args, boolean positioned, boolean write) {
    Memory memory = instance.memory();
    int vectors = (int) args[1];
    int count = (int) args[2];
    if (count < 0 || count > VECTORS_MAX) {
      return errno(Errno.EINVAL);
    }
    long wanted = 0;
    for (int i = 0; i < count; i++) {
      wanted += Integer.toUnsignedLong(memory.readInt(vectors + i * VECTOR_BYTES + 4));
    }
    boolean toFile = write && files.get((int) args[0]) != null;
    if (wanted == 0 || (wanted <= PIECE_BYTES && !toFile)) {
      return call.apply(instance, args);
    }
    if (wanted > Integer.MAX_VALUE) {
      return errno(Errno.EINVAL);
    }
    return new Transfer(call, instance, memory, args, positioned, toFile).all(vectors, count);
  }

  /** One call of a module, as many of Chicory's. */
  private final class Transfer {
    private final WasmFunctionHandle call;
    private final Instance instance;
    private final Memory memory;
    private final long[] args;
    private final boolean positioned;
    private final boolean toFile;
    private final int totalAt;
    private long total;

    Transfer(
        WasmFunctionHandle call,
        Instance instance,
        Memory memory,
        long[] args,
        boolean positioned,
        boolean toFile) {
      this.call = call;
      this.instance = instance;
      this.memory = memory;
      this.args = args.clone();
      this.positioned = positioned;
      this.toFile = toFile;
      this.totalAt = (int) args[positioned ? 4 : 3];
    }

    long[] all(int vectors, int count) {
      long offset = args[3];
      args[2] = 1;
      for (int i = 0; i < count; i++) {
        int vector = vectors + i * VECTOR_BYTES;
        int base = memory.readInt(vector);
        int length = memory.readInt(vector + 4);
        args[1] = vector;
        for (int done = 0; done < length; ) {
          int piece = Math.min(length - done, PIECE_BYTES);
          if (positioned) {
            args[3] = offset + total;
          }
          int refused = toFile ? pay(piece) : Errno.SUCCESS;
          if (refused == Errno.SUCCESS) {
            refused = piece(vector, base, length, done, piece);
          }
          if (refused != Errno.SUCCESS) {
            return total > 0 ? end() : errno(refused);
          }
          int moved = memory.readInt(totalAt);
          total += moved;
          done += moved;
          if (moved < piece) {
            return end();
          }
        }
      }
      return end();
    }

    private int pay(int piece) {
      int fd = (int) args[0];
      OpenFiles.Handle file = files.get(fd);
      if (file == null || !file.writable) {
        return Errno.EBADF;
      }
      long position = positioned ? args[3] : tell(fd);
      int refused = position < 0 ? Errno.EINVAL : disk.write(position, piece, file.end);
      file.end = position + piece;
      return refused;
    }

    private int piece(int vector, int base, int length, int done, int piece) {
      memory.writeI32(vector, base + done);
      memory.writeI32(vector + 4, piece);
      try {
        return (int) call.apply(instance, args)[0];
      } finally {
        memory.writeI32(vector, base);
        memory.writeI32(vector + 4, length);
      }
    }

    private long[] end() {
      memory.writeI32(totalAt, (int) total);
      return errno(Errno.SUCCESS);
    }
  }

  private long tell(int fd) {
    Memory own = scratch;
    if (own == null) {
      own = new ByteArrayMemory(new MemoryLimits(1, 1));
      scratch = own;
    }
    return wasi.fdTell(own, fd, 0) == Errno.SUCCESS ? own.readLong(0) : -1;
  }

  private long[] length(WasmFunctionHandle call, Instance instance, long[] args, long bytes) {
    OpenFiles.Handle file = files.get((int) args[0]);
    if (file == null || file.directory) {
      return call.apply(instance, args);
    }
    int refused = file.writable ? disk.length(bytes) : Errno.EBADF;
    return refused == Errno.SUCCESS ? call.apply(instance, args) : errno(refused);
  }

  private long[] close(long[] result, long[] args) {
    if (result[0] == Errno.SUCCESS) {
      files.closed((int) args[0]);
    }
    return result;
  }

  private long[] renumber(long[] result, long[] args) {
    if (result[0] == Errno.SUCCESS && (int) args[0] != (int) args[1]) {
      files.renumbered((int) args[0], (int) args[1]);
    }
    return result;
  }

  private long[] open(WasmFunctionHandle call, Instance instance, long[] args) {
    if (isTooLong(args[3])) {
      return errno(Errno.ENAMETOOLONG);
    }
    if (files.isFull()) {
      return errno(Errno.EMFILE);
    }
    Path path = resolve(instance, args, 2);
    boolean creates = (args[4] & OPEN_CREATE) != 0;
    boolean writes =
        creates
            || (args[4] & OPEN_TRUNCATE) != 0
            || (args[5] & RIGHT_WRITE) != 0
            || (args[7] & FLAG_APPEND) != 0;
    if (path == null) {
      return call.apply(instance, args);
    }
    if (writes && OpenFiles.isReadOnly(path)) {
      return errno(Errno.EACCES);
    }
    int refused = creates && !path.toFile().exists() ? disk.create() : Errno.SUCCESS;
    if (refused != Errno.SUCCESS) {
      return errno(refused);
    }
    long[] result = call.apply(instance, args);
    if (result[0] == Errno.SUCCESS) {
      files.opened(instance.memory().readInt((int) args[8]), path, writes);
    }
    return result;
  }

  /** The path of the name at this argument, which the descriptor in the first one leads to. */
  private @Nullable Path resolve(Instance instance, long[] args, int nameAt) {
    String name = instance.memory().readString((int) args[nameAt], (int) args[nameAt + 1]);
    return files.resolve((int) args[0], name);
  }

  private long[] create(WasmFunctionHandle call, Instance instance, long[] args) {
    int refused = disk.create();
    return refused == Errno.SUCCESS ? named(call, instance, args, 2) : errno(refused);
  }

  /** An input's time is what tells that nobody has written to it. */
  private long[] setTimes(WasmFunctionHandle call, Instance instance, long[] args) {
    if (isTooLong(args[3])) {
      return errno(Errno.ENAMETOOLONG);
    }
    Path path = resolve(instance, args, 2);
    return path != null && OpenFiles.isReadOnly(path)
        ? errno(Errno.EACCES)
        : call.apply(instance, args);
  }

  private long[] setTimesOfOpen(WasmFunctionHandle call, Instance instance, long[] args) {
    OpenFiles.Handle file = files.get((int) args[0]);
    return file != null && OpenFiles.isReadOnly(file.path)
        ? errno(Errno.EACCES)
        : call.apply(instance, args);
  }

  /** Chicory asks the JDK for a move that no JDK does. */
  private long[] rename(Instance instance, long[] args) {
    if (isTooLong(args[2]) || isTooLong(args[5])) {
      return errno(Errno.ENAMETOOLONG);
    }
    Path from = resolve(instance, args, 1);
    Memory memory = instance.memory();
    Path to = files.resolve((int) args[3], memory.readString((int) args[4], (int) args[5]));
    return errno(from == null || to == null ? Errno.EPERM : OpenFiles.rename(from, to));
  }
}
