package dev.stoker.process;

final class PortableRunnerIT extends ProcessRunnerContract {
  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.PORTABLE;
  }
}
