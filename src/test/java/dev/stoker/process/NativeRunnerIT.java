package dev.stoker.process;

final class NativeRunnerIT extends ProcessRunnerContract {
  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.NATIVE;
  }
}
