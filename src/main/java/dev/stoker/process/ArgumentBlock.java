package dev.stoker.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One spec's strings as {@code posix_spawn} wants them: two arrays of pointers, then all strings.
 * The memory is used again for the next spec. Not thread-safe.
 */
final class ArgumentBlock {
  /** More than any Linux takes (6 MiB): beyond it the kernel need not be asked. */
  static final int BYTES_MAX = 8 << 20;

  private static final int BYTES_KEPT = 64 << 10;
  private static final int POINTER_BYTES = 8;

  private final MemorySegment kept;
  private final List<byte[]> strings = new ArrayList<>();
  private MemorySegment memory;
  private int argumentCount;
  private int environmentCount;

  /** Lives as long as {@code arena}. */
  ArgumentBlock(Arena arena) {
    kept = arena.allocate(BYTES_KEPT, POINTER_BYTES);
    memory = kept;
  }

  /**
   * Holds this spec from now on.
   *
   * @return false when it is too long for any system
   */
  boolean hold(ProcessSpec spec) {
    strings.clear();
    boolean gated = spec.limits().needsGate();
    (gated ? GateShell.argv(spec) : spec.argv()).forEach(this::add);
    argumentCount = strings.size();
    spec.environment().forEach((name, value) -> add(name + "=" + value));
    add(Mark.VARIABLE + "=" + spec.mark());
    environmentCount = strings.size() - argumentCount;
    add((gated ? GateShell.executable() : spec.executable()).toString());
    add(spec.directory().toString());
    add(spec.stdin() instanceof StdinSource.File(var path) ? path.toString() : "/dev/null");
    return write();
  }

  /** Holds a program without arguments, in the root directory. */
  void holdProgram(String executable) {
    strings.clear();
    add(executable);
    argumentCount = 1;
    add("LANG=C");
    environmentCount = 1;
    add(executable);
    add("/");
    add("/dev/null");
    if (!write()) {
      throw new IllegalStateException(executable + " is too long a name");
    }
  }

  MemorySegment arguments() {
    return memory;
  }

  MemorySegment environment() {
    return memory.asSlice((argumentCount + 1L) * POINTER_BYTES);
  }

  MemorySegment executable() {
    return string(0);
  }

  MemorySegment directory() {
    return string(1);
  }

  MemorySegment stdin() {
    return string(2);
  }

  private void add(String text) {
    strings.add(text.getBytes(UTF_8));
  }

  private boolean write() {
    // The two arrays end with a null pointer each; the paths' pointers follow them.
    long pointers = (strings.size() + 2L) * POINTER_BYTES;
    long bytes = pointers;
    for (byte[] string : strings) {
      bytes += string.length + 1L;
    }
    if (bytes > BYTES_MAX) {
      return false;
    }
    memory = bytes <= BYTES_KEPT ? kept : Arena.ofAuto().allocate(bytes, POINTER_BYTES);
    long slot = 0;
    long at = pointers;
    for (int i = 0; i < strings.size(); i++) {
      if (i == argumentCount || i == argumentCount + environmentCount) {
        memory.setAtIndex(ADDRESS, slot++, MemorySegment.NULL);
      }
      byte[] string = strings.get(i);
      memory.setAtIndex(ADDRESS, slot++, memory.asSlice(at));
      MemorySegment.copy(string, 0, memory, JAVA_BYTE, at, string.length);
      memory.set(JAVA_BYTE, at + string.length, (byte) 0);
      at += string.length + 1L;
    }
    return true;
  }

  private MemorySegment string(int path) {
    return memory.getAtIndex(ADDRESS, argumentCount + environmentCount + 2L + path);
  }
}
