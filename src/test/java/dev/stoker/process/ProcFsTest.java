package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProcFsTest {
  @ParameterizedTest
  @ValueSource(strings = {"sh", "a b", ") Z 1 2 3", "((", "x) R", ""})
  void shouldReadAStatWhateverTheProgramIsCalled(String name) {
    ProcFs.Stat stat = ProcFs.Stat.parse("42 (" + name + ") S 7 40 39 0 -1 4194304\n");

    assertThat(stat).isEqualTo(new ProcFs.Stat('S', 7, 40, 39));
    assertThat(stat.zombie()).isFalse();
  }

  @Test
  void shouldReadHowManyThereAreAndWhoCameLast() {
    assertThat(ProcFs.Load.parse("0.20 0.18 0.12 1/80 11206\n"))
        .isEqualTo(new ProcFs.Load(80, 11206));
    assertThat(ProcFs.Load.parse("")).isEqualTo(new ProcFs.Load(0, 0));
    assertThat(ProcFs.load().tasks()).isPositive();
  }

  @Test
  void shouldReadAListOfChildren() {
    List<Integer> children = new ArrayList<>();

    ProcFs.numbers("", children);
    ProcFs.numbers("12 345 ", children);

    assertThat(children).containsExactly(12, 345);
  }

  @Test
  void shouldKnowNothingOfAProcessThatIsNotThere() {
    int nobody = 1 << 30;

    assertThat(ProcFs.stat(nobody)).isNull();
    assertThat(ProcFs.mark(nobody)).isNull();
    assertThat(ProcFs.workingDirectory(nobody)).isNull();
    assertThat(ProcFs.descriptors(nobody)).isEmpty();
    assertThat(ProcFs.children(nobody)).isEmpty();
    assertThat(ProcFs.residentPeakBytes(nobody)).isZero();
  }

  @Test
  void shouldKnowThisProcess() {
    int self = (int) ProcessHandle.current().pid();

    assertThat(ProcFs.processes()).contains(self);
    assertThat(ProcFs.residentPeakBytes(self)).isGreaterThan(10 << 20);
  }
}
