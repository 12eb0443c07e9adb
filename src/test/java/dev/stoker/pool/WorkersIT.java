package dev.stoker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Exit;
import dev.stoker.tool.Tool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real workers: who serves whom, for how long, and how many there are. */
class WorkersIT extends WorkersFixture {
  private static final String ECHO =
      """
      for request in requests():
          answer(request, " ".join(request["arguments"]), len(request["arguments"]) - 1)
      """;

  @Test
  void shouldAnswerWithOutputAndExitCode() throws IOException {
    Tool tool = python(ECHO, "");

    RunOfWorker one = run(tool, "häß");
    RunOfWorker three = run(tool, "a", "b", "c");

    assertThat(one.exit()).isEqualTo(new Exit.Code(0));
    assertThat(one.output()).isEqualTo("häß");
    assertThat(three.exit()).isEqualTo(new Exit.Code(2));
    assertThat(three.output()).isEqualTo("a b c");
  }

  @Test
  void shouldServeOneRunAfterTheOtherInOneProcess() throws IOException {
    Tool tool = python(ECHO, "");

    List<Long> pids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      RunOfWorker run = run(tool, "x").awaitOver();
      assertThat(run.exit()).isEqualTo(new Exit.Code(0));
      pids.add(run.pid());
    }

    assertThat(pids).hasSize(20).containsOnly(pids.getFirst());
  }
}
