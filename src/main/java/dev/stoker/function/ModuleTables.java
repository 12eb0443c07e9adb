package dev.stoker.function;

import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;

/** A run's own tables. Stateless. */
final class ModuleTables {
  /** Of one table; an entry costs eight bytes of heap. */
  static final long ENTRIES_MAX = 100_000;

  private ModuleTables() {}

  /**
   * A table of this run alone. Chicory notes a table's growth in the limits that it was made from:
   * with the module's own, the next run would begin with what this one has grown to.
   */
  static TableInstance create(Table table, int initValue) {
    TableLimits limits = table.limits();
    long max = Math.max(limits.min(), Math.min(limits.max(), ENTRIES_MAX));
    return new TableInstance(
        new Table(
            table.elementType(),
            new TableLimits(limits.min(), max, limits.shared()),
            table.initialize()),
        initValue);
  }
}
