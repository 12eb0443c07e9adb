package dev.stoker.function;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.Set;
import java.util.function.Function;

/** What became of a module's file. Immutable, used by many runs at once. */
sealed interface Loaded {
  /**
   * It can be run.
   *
   * @param machine its code, as bytecode of this JVM
   * @param imports the calls of WASI that it makes
   */
  record Ready(WasmModule module, Function<Instance, Machine> machine, Set<String> imports)
      implements Loaded {
    public Ready {
      imports = Set.copyOf(imports);
    }
  }

  /** It cannot; the reason is for the operator and for the caller of the tool. */
  record Broken(String reason) implements Loaded {}
}
