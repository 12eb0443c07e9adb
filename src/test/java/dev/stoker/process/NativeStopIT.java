package dev.stoker.process;

final class NativeStopIT extends ProcessStopContract {
  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.NATIVE;
  }
}
