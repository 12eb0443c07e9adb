package dev.stoker.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** A node that has no function is none the worse for those that have. */
class LazyLoadingTest {
  @Test
  void shouldLoadNothingOfChicoryWithoutAFunction() throws Exception {
    Set<String> asked = ConcurrentHashMap.newKeySet();
    URL[] path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(LazyLoadingTest::url)
            .toArray(URL[]::new);
    // Not closed: what it has loaded of the logger ends with the JVM.
    URLClassLoader loader =
        new URLClassLoader(path, ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            asked.add(name);
            return super.findClass(name);
          }
        };
    Class<?> fresh = loader.loadClass(WithoutFunctions.class.getName());
    Method run = fresh.getDeclaredMethod("run");
    run.setAccessible(true);
    run.invoke(null);

    assertThat(asked).contains(Functions.class.getName());
    assertThat(asked.stream().filter(name -> name.startsWith("com.dylibso"))).isEmpty();
  }

  // What a node does at its start.
  static final class WithoutFunctions {
    private WithoutFunctions() {}

    static void run() {
      var nothing =
          new dev.stoker.tool.ToolDefinition.Resources(null, null, null, null, null, null);
      try (Functions functions = Functions.open(FunctionSettings.of(2, nothing))) {
        dev.stoker.tool.Catalog.of(
            FunctionFixture.settings(Path.of("/")),
            functions,
            java.util.Map.of("echo.yaml", "name: echo\ncommand: [echo]\nisolation: none\n"));
      }
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
