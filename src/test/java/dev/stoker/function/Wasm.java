package dev.stoker.function;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes WebAssembly modules of C source, with Debian's clang. */
public final class Wasm {
  private static final String NEEDS =
      "install clang, lld, wasi-libc and libclang-rt-14-dev-wasm32: ";

  private Wasm() {}

  /** Of a source of this repository, its path from the root. */
  public static Path compile(String source, Path module) throws IOException, InterruptedException {
    return compile(Path.of(System.getProperty("stoker.home", "."), source), module);
  }

  public static Path compile(Path source, Path module, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("clang", "--target=wasm32-wasi", "-O2", "-Wno-infinite-recursion", "-o"));
    command.add(module.toString());
    command.add(source.toString());
    command.addAll(List.of(more));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException(NEEDS + e.getMessage(), e);
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0 || !Files.exists(module)) {
      throw new IOException(NEEDS + said);
    }
    return module;
  }
}
