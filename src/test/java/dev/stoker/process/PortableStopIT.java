package dev.stoker.process;

final class PortableStopIT extends ProcessStopContract {
  @Override
  ProcessSettings.EngineChoice engine() {
    return ProcessSettings.EngineChoice.PORTABLE;
  }
}
