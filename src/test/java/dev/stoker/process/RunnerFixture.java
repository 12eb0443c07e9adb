package dev.stoker.process;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A runner for all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RunnerFixture {
  @TempDir Path directory;
  ProcessRunner runner;

  abstract ProcessSettings.EngineChoice engine();

  @BeforeAll
  void open() {
    runner = ProcessRunner.open(new ProcessSettings(4, engine()));
  }

  @AfterAll
  void close() {
    runner.close();
  }

  /** Runs it to its end. */
  Recording run(Specs specs) {
    Recording recording = new Recording();
    runner.start(specs.build(), recording);
    return recording.awaitEnd();
  }
}
