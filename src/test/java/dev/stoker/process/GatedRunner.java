package dev.stoker.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts everything through a gate. Thread-safe. */
record GatedRunner(ProcessRunner runner) implements ProcessRunner {
  private static final ProcessLimits LIMITS = new ProcessLimits(512, 1L << 40, null, null);

  @Override
  public RunningProcess start(ProcessSpec spec, ProcessListener listener) {
    return runner.start(spec.limited(LIMITS), listener);
  }

  @Override
  public boolean takesLimits() {
    return true;
  }

  @Override
  public List<Long> call(@Nullable Confinement confinement, List<SystemCall> calls) {
    return runner.call(confinement, calls);
  }

  @Override
  public String describe() {
    return runner.describe();
  }

  @Override
  public int active() {
    return runner.active();
  }

  @Override
  public int killLeftovers(String markPrefix) {
    return runner.killLeftovers(markPrefix);
  }

  @Override
  public void close() {
    runner.close();
  }
}
