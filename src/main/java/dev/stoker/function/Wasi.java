package dev.stoker.function;

import com.dylibso.chicory.log.Logger;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** WASI preview 1 as Chicory has it, behind {@link WasiGuard}. Stateless. */
final class Wasi {
  static final String MODULE = "wasi_snapshot_preview1";

  /** Of Chicory's own making, for components. */
  private static final Set<String> FOREIGN = Set.of("adapter_close_badfd", "adapter_open_badfd");

  private Wasi() {}

  /** The functions that a module may import, each with its type. */
  static Map<String, FunctionType> types() {
    Map<String, FunctionType> types = new HashMap<>();
    try (WasiPreview1 wasi = open(WasiOptions.builder().build())) {
      for (HostFunction function : wasi.toHostFunctions()) {
        if (!FOREIGN.contains(function.name())) {
          types.put(function.name(), function.functionType());
        }
      }
    }
    return types;
  }

  /** Without a logger of its own: the default looks for classes of Android each time. */
  static WasiPreview1 open(WasiOptions options) {
    return WasiPreview1.builder().withLogger(Silence.INSTANCE).withOptions(options).build();
  }

  /** The functions that a module imports, guarded. */
  static ImportValues imports(WasiPreview1 wasi, WasiGuard guard, Set<String> wanted) {
    List<ImportFunction> functions = new ArrayList<>(wanted.size());
    for (HostFunction function : wasi.toHostFunctions()) {
      if (wanted.contains(function.name())) {
        functions.add(
            new HostFunction(
                MODULE,
                function.name(),
                function.functionType(),
                guard.around(function.name(), function.handle())));
      }
    }
    return ImportValues.builder().addFunction(functions.toArray(ImportFunction[]::new)).build();
  }

  /** What a module calls is nobody's business but its caller's. */
  private enum Silence implements Logger {
    INSTANCE;

    @Override
    public void log(Level level, String message, Throwable throwable) {}

    @Override
    public boolean isLoggable(Level level) {
      return false;
    }
  }
}
