package dev.stoker.function;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a module's bytes into code, and says what is wrong with those it cannot. Stateless.
 *
 * <p>What has a cost outside the module's memory is refused here, because no limit of a run would
 * see it: garbage-collected objects, several memories, a shared one, many tables.
 */
final class ModuleCompiler {
  private static final int TABLES_MAX = 16;

  private ModuleCompiler() {}

  /** Takes some hundred milliseconds, for a large module seconds. */
  static Loaded compile(byte[] bytes) {
    WasmModule module;
    try {
      module = Parser.parse(bytes);
    } catch (ChicoryException e) {
      return new Loaded.Broken("it is not a WebAssembly module: " + e.getMessage());
    }
    Set<String> imports = new HashSet<>();
    String problem = problem(module, imports);
    if (problem != null) {
      return new Loaded.Broken(problem);
    }
    try {
      return new Loaded.Ready(
          module,
          MachineFactoryCompiler.builder(module)
              .withInterpreterFallback(InterpreterFallback.SILENT)
              .compile(),
          imports);
    } catch (ChicoryException e) {
      return new Loaded.Broken("it cannot be compiled: " + e.getMessage());
    }
  }

  private static @Nullable String problem(WasmModule module, Set<String> imports) {
    String start = startProblem(module);
    if (start != null) {
      return start;
    }
    String costly = costProblem(module);
    return costly != null ? costly : importProblem(module, imports);
  }

  private static @Nullable String startProblem(WasmModule module) {
    var exports = module.exportSection();
    int functionsBefore = module.importSection().count(ExternalType.FUNCTION);
    for (int i = 0; i < exports.exportCount(); i++) {
      var export = exports.getExport(i);
      if (export.name().equals(Instance.START_FUNCTION_NAME)
          && export.exportType() == ExternalType.FUNCTION
          && export.index() >= functionsBefore) {
        var type =
            module
                .typeSection()
                .getType(
                    module.functionSection().getFunctionType(export.index() - functionsBefore));
        return type.params().isEmpty() && type.returns().isEmpty()
            ? null
            : "its function _start takes or gives values; allowed: neither";
      }
    }
    return "it exports no function _start: it is not a command";
  }

  private static @Nullable String costProblem(WasmModule module) {
    var types = module.typeSection();
    for (int i = 0; i < types.subTypeCount(); i++) {
      if (types.getSubType(i).compType().funcType() == null) {
        return "it uses garbage-collected types; allowed: functions alone";
      }
    }
    var memories = module.memorySection();
    if (memories.isPresent()) {
      if (memories.get().memoryCount() > 1) {
        return "it has several memories; allowed: one";
      }
      if (memories.get().memoryCount() == 1 && memories.get().getMemory(0).limits().shared()) {
        return "it shares its memory between threads; allowed: one thread";
      }
    }
    var tables = module.tableSection();
    long entries = 0;
    for (int i = 0; i < tables.tableCount(); i++) {
      entries += tables.getTable(i).limits().min();
    }
    return tables.tableCount() > TABLES_MAX || entries > ModuleTables.ENTRIES_MAX
        ? "its tables are too large; allowed: %d tables with %d entries"
            .formatted(TABLES_MAX, ModuleTables.ENTRIES_MAX)
        : null;
  }

  private static @Nullable String importProblem(WasmModule module, Set<String> imports) {
    Map<String, FunctionType> known = Wasi.types();
    for (int i = 0; i < module.importSection().importCount(); i++) {
      Import wanted = module.importSection().getImport(i);
      FunctionType type = wanted.module().equals(Wasi.MODULE) ? known.get(wanted.name()) : null;
      if (type == null
          || !(wanted instanceof FunctionImport function)
          || !type.equals(module.typeSection().getType(function.typeIndex()))) {
        return "it imports %s.%s, which is none of WASI preview 1's functions"
            .formatted(wanted.module(), wanted.name());
      }
      imports.add(wanted.name());
    }
    return null;
  }
}
