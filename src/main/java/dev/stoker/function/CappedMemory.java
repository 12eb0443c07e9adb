package dev.stoker.function;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import dev.stoker.run.ByteSize;

/**
 * A module's memory, which ends the run when it is to grow beyond the run's limit. What the module
 * itself declares as its maximum is refused as the standard says, with -1. Everything else is
 * Chicory's own memory; its pages are new, so that nothing needs to be zeroed twice.
 *
 * <p>Confined to the run's thread.
 */
final class CappedMemory implements Memory {
  private final ByteArrayMemory pages;
  private final HeapBudget heap;
  private final ByteSize limit;
  private final long declaredPages;
  private long taken;

  private CappedMemory(MemoryLimits declared, ByteSize limit, HeapBudget heap) {
    this.heap = heap;
    this.limit = limit;
    this.declaredPages = Math.min(declared.maximumPages(), RUNTIME_MAX_PAGES);
    long most = Math.min(declaredPages, limit.bytes() / PAGE_SIZE);
    requireRoom(declared.initialPages(), declared.initialPages());
    try {
      this.pages = new ByteArrayMemory(new MemoryLimits(declared.initialPages(), (int) most));
    } catch (OutOfMemoryError e) {
      giveBack();
      throw e;
    }
  }

  /**
   * With the pages that the module begins with.
   *
   * @throws MemoryLimitException when these are too many
   */
  static CappedMemory of(MemoryLimits declared, ByteSize limit, HeapBudget heap) {
    return new CappedMemory(declared, limit, heap);
  }

  /** The most it ever had: a memory does not shrink. */
  long bytes() {
    return (long) pages.pages() * PAGE_SIZE;
  }

  /** Gives its share of the heap back. It is not used any more. */
  void giveBack() {
    heap.giveBack(taken);
    taken = 0;
  }

  /**
   * Grows it.
   *
   * @throws MemoryLimitException when the run's limit does not allow it
   */
  @Override
  public int grow(int more) {
    long after = pages.pages() + Integer.toUnsignedLong(more);
    if (after > declaredPages) {
      return -1;
    }
    requireRoom(more, after);
    return pages.grow(more);
  }

  private void requireRoom(long morePages, long afterPages) {
    if (afterPages > limit.bytes() / PAGE_SIZE) {
      throw new MemoryLimitException("its memory exceeded its limit of " + limit);
    }
    if (!heap.take(morePages * PAGE_SIZE)) {
      throw new MemoryLimitException(
          "functions have used up what this node has for them, "
              + new ByteSize(heap.bytesMax())
              + " of memory");
    }
    taken += morePages * PAGE_SIZE;
  }

  @Override
  public void zero() {}

  /** Nobody else has it. */
  @Override
  @SuppressWarnings({"removal", "deprecation"})
  public Object lock(int address) {
    return this;
  }

  @Override
  public int pages() {
    return pages.pages();
  }

  @Override
  public int initialPages() {
    return pages.initialPages();
  }

  @Override
  public int maximumPages() {
    return pages.maximumPages();
  }

  @Override
  public boolean shared() {
    return pages.shared();
  }

  @Override
  @SuppressWarnings({"removal", "deprecation"})
  public int waitOn(int address, int expected, long timeout) {
    return pages.waitOn(address, expected, timeout);
  }

  @Override
  @SuppressWarnings({"removal", "deprecation"})
  public int waitOn(int address, long expected, long timeout) {
    return pages.waitOn(address, expected, timeout);
  }

  @Override
  @SuppressWarnings({"removal", "deprecation"})
  public int notify(int address, int threadsMax) {
    return pages.notify(address, threadsMax);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    pages.initialize(instance, dataSegments);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
    pages.initialize(instance, dataSegments, memoryIndex);
  }

  @Override
  public void initPassiveSegment(int segmentId, int destination, int offset, int size) {
    pages.initPassiveSegment(segmentId, destination, offset, size);
  }

  @Override
  public void write(int address, byte[] bytes, int offset, int size) {
    pages.write(address, bytes, offset, size);
  }

  @Override
  public byte read(int address) {
    return pages.read(address);
  }

  @Override
  public byte[] readBytes(int address, int length) {
    return pages.readBytes(address, length);
  }

  @Override
  public void writeI32(int address, int value) {
    pages.writeI32(address, value);
  }

  @Override
  public int readInt(int address) {
    return pages.readInt(address);
  }

  @Override
  public void writeLong(int address, long value) {
    pages.writeLong(address, value);
  }

  @Override
  public long readLong(int address) {
    return pages.readLong(address);
  }

  @Override
  public void writeShort(int address, short value) {
    pages.writeShort(address, value);
  }

  @Override
  public short readShort(int address) {
    return pages.readShort(address);
  }

  @Override
  public long readU16(int address) {
    return pages.readU16(address);
  }

  @Override
  public void writeByte(int address, byte value) {
    pages.writeByte(address, value);
  }

  @Override
  public void writeF32(int address, float value) {
    pages.writeF32(address, value);
  }

  @Override
  public long readF32(int address) {
    return pages.readF32(address);
  }

  @Override
  public float readFloat(int address) {
    return pages.readFloat(address);
  }

  @Override
  public void writeF64(int address, double value) {
    pages.writeF64(address, value);
  }

  @Override
  public double readDouble(int address) {
    return pages.readDouble(address);
  }

  @Override
  public long readF64(int address) {
    return pages.readF64(address);
  }

  @Override
  public void fill(byte value, int fromIndex, int toIndex) {
    pages.fill(value, fromIndex, toIndex);
  }

  @Override
  public void copy(int destination, int source, int size) {
    pages.copy(destination, source, size);
  }

  @Override
  public void drop(int segment) {
    pages.drop(segment);
  }
}
