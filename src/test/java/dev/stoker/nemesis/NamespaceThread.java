package dev.stoker.nemesis;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Takes a thread into a network namespace. The threads and processes that it starts there are born
 * there and stay there: this is how a test's clients and its database reach nodes that the
 * machine's own network knows nothing of.
 *
 * <p>Confined to the thread that made it, which must be a platform thread.
 */
final class NamespaceThread implements AutoCloseable {
  private static final int CLONE_NEWNET = 0x40000000;

  private final MethodHandle open;
  private final MethodHandle setns;
  private final MethodHandle close;
  private final int before;
  private boolean inside;

  /** Enters the namespace of {@code ip netns add name}. */
  NamespaceThread(String name) {
    this.open = link("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    this.setns = link("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    this.close = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    this.before = descriptorOf("/proc/thread-self/ns/net");
    int target = descriptorOf("/run/netns/" + name);
    enter(target);
    release(target);
    this.inside = true;
  }

  /** Goes back. Idempotent. */
  @Override
  public void close() {
    if (inside) {
      inside = false;
      enter(before);
      release(before);
    }
  }

  private int descriptorOf(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(path);
      int descriptor = (int) open.invokeExact(text, 0);
      if (descriptor < 0) {
        throw new IllegalStateException(path + " cannot be opened");
      }
      return descriptor;
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private void enter(int descriptor) {
    try {
      if ((int) setns.invokeExact(descriptor, CLONE_NEWNET) != 0) {
        throw new IllegalStateException("setns failed for a network namespace");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private void release(int descriptor) {
    try {
      int _ = (int) close.invokeExact(descriptor);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle link(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
