package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WaitResultTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "256, 1", "65280, 255"})
  void shouldReadACode(int status, int code) {
    assertThat(WaitResult.exit(status)).isEqualTo(new Exit.Code(code));
  }

  @ParameterizedTest
  @CsvSource({"9, SIGKILL", "15, SIGTERM", "139, SIGSEGV", "34, SIG34"})
  void shouldReadASignalWithOrWithoutACoreDump(int status, String name) {
    assertThat(WaitResult.exit(status)).isEqualTo(Signals.byName(name));
  }
}
