package dev.stoker.process;

import org.junit.jupiter.api.BeforeAll;

/** A process that had to wait at its gate is started, fed, read and told of as any other. */
final class GatedRunnerIT extends ProcessRunnerContract {
  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.NATIVE;
  }

  @Override
  @BeforeAll
  void open() {
    super.open();
    runner = new GatedRunner(runner);
  }
}
