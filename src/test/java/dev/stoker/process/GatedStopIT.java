package dev.stoker.process;

import org.junit.jupiter.api.BeforeAll;

/** A process that had to wait at its gate is stopped as any other. */
final class GatedStopIT extends ProcessStopContract {
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
