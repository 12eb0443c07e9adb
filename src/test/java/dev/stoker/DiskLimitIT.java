package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that fills its work directory ends with the reason why. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiskLimitIT {
  private StokerProcess stoker;
  private Http http;

  @BeforeAll
  void start(@TempDir Path directory) {
    StokerHome home = new StokerHome(directory);
    home.script(
        "fill",
        "mkdir deep; cd deep; while :; do head -c 1M /dev/zero > $((i=i+1)); done",
        "limits: {disk: 8MiB}",
        "grace: 0s");
    home.script(
        "litter",
        "i=0; while [ $i -lt 100000 ]; do : > $((i=i+1)); done; while :; do sleep 1; done",
        "limits: {disk: 8MiB}",
        "grace: 0s");
    home.script(
        "quick",
        "head -c 9M /dev/zero > other; echo made > out.txt",
        "limits: {disk: 8MiB}",
        "outputs: {out: {path: out.txt, mediaType: text/plain}}");
    home.script("within", "head -c 7M /dev/zero > other", "limits: {disk: 8MiB}");
    stoker = home.start();
    http = Http.of(stoker);
  }

  @AfterAll
  void stop() {
    stoker.close();
  }

  @Test
  void shouldEndARunThatFillsTheDisk() {
    assertLimited(http.run("fill").run());
  }

  @Test
  void shouldEndARunThatMakesVeryManyFiles() {
    assertLimited(http.run("litter").run());
  }

  @Test
  void shouldNotTakeTheOutputsOfARunThatHadTooMuch() {
    RunView run = http.run("quick").run();

    assertLimited(run);
  }

  @Test
  void shouldNotMindWhatIsAllowed() {
    assertThat(http.run("within").run().state()).isEqualTo("succeeded");
  }

  private static void assertLimited(RunView run) {
    assertThat(run.state()).isEqualTo("output_limit");
    assertThat(run.reason())
        .isEqualTo("its work directory exceeded limits.disk, which allows 8MiB");
  }
}
