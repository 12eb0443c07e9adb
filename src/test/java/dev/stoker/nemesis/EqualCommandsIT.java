package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.Http;
import dev.stoker.Http.Answer;
import dev.stoker.StokerHome;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand equal commands at once, on all nodes of a cluster. */
@Tag("patient")
class EqualCommandsIT {
  private static final int COMMANDS = 1000;
  private static final int AT_ONCE = 250;
  private static final int NODES = 3;

  @TempDir Path directory;

  @Test
  void shouldMakeOneProcess() throws Exception {
    Path log = directory.resolve("processes");
    StokerHome home = new StokerHome(directory);
    LoadTool.describe(home, log);
    JsonObject equal = new JsonObject().put("seconds", "2").put("text", "equal");
    try (TestCluster cluster = TestCluster.of(NODES, home).slots(4).start()) {
      List<Answer> answers = askAll(cluster, equal);

      assertThat(answers).hasSize(COMMANDS).allMatch(answer -> answer.status() == 200);
      List<Execution> processes = StartLog.read(log, cluster::nodeOf);
      assertThat(processes).hasSize(1);
      String printed = processes.getFirst().pid() + "\n";
      assertThat(answers).allMatch(answer -> answer.run().stdout().equals(printed));
      // Who joined is answered with the run that made the result.
      assertThat(answers.stream().map(answer -> answer.run().id()).distinct()).hasSize(1);
      assertThat(answers.stream().filter(answer -> answer.run().cache().equals("miss"))).hasSize(1);
      long collapsed =
          answers.stream().filter(answer -> answer.run().cache().equals("collapsed")).count();
      System.out.println("EqualCommandsIT: " + collapsed + " of " + COMMANDS + " joined one run");
      assertThat(collapsed).isGreaterThanOrEqualTo(AT_ONCE / 2);
    }
  }

  /** The first of each caller leave together. */
  private static List<Answer> askAll(TestCluster cluster, JsonObject equal) throws Exception {
    List<Http> nodes = new ArrayList<>();
    CyclicBarrier together = new CyclicBarrier(AT_ONCE);
    try (ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int i = 0; i < NODES; i++) {
        nodes.add(cluster.http(i));
      }
      List<Future<List<Answer>>> asked = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        Http node = nodes.get(i % NODES);
        asked.add(
            callers.submit(
                () -> {
                  together.await();
                  List<Answer> heard = new ArrayList<>();
                  for (int k = 0; k < COMMANDS / AT_ONCE; k++) {
                    heard.add(node.run(LoadTool.CACHED.label(), equal));
                  }
                  return heard;
                }));
      }
      List<Answer> answers = new ArrayList<>();
      for (Future<List<Answer>> one : asked) {
        answers.addAll(one.get());
      }
      return answers;
    } finally {
      nodes.forEach(Http::close);
    }
  }
}
