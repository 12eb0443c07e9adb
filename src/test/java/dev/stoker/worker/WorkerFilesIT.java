package dev.stoker.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.run.Exit;
import dev.stoker.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of runs on their way to a worker and back, past workers that are up to no good. */
@Tag("patient")
class WorkerFilesIT extends WorkersFixture {
  private static final String OUTPUTS =
      "outputs: {a: {path: a.txt, required: false, maxSize: 1KiB}, b: {path: d/b.txt, required: false}}";

  /** Runs the first argument as Python in the request's directory. */
  private static final String DO =
      """
      import shutil
      home = os.getcwd()
      for request in requests():
          os.chdir(request["sandboxDir"])
          here = os.getcwd()
          try:
              exec(request["arguments"][0])
              answer(request, ",".join(sorted(i["path"] for i in request["inputs"])))
          except Exception as e:
              answer(request, repr(e), 1)
          finally:
              os.chdir(home)
      """;

  private Path input(Path run) throws IOException {
    Path blob = Files.writeString(directory.resolve("blob-" + run.getFileName()), "the input");
    Files.createDirectories(run.resolve("d"));
    return Files.createLink(run.resolve("in.txt"), blob);
  }

  /** What is in the directories of workers, but for empty ones that wait for requests. */
  private List<Path> left() throws IOException {
    List<Path> left = new ArrayList<>();
    for (String cell : cells()) {
      for (String part : List.of("cell", "stage")) {
        try (Stream<Path> all = Files.list(directory.resolve("workers/" + cell + "/" + part))) {
          all.filter(path -> !isReady(path)).forEach(left::add);
        }
      }
    }
    return left;
  }

  private static boolean isReady(Path path) {
    String[] in = path.toFile().list();
    return path.getFileName().toString().startsWith("ready-") && in != null && in.length == 0;
  }

  private RunOfWorker exec(Tool tool, Path run, String python) {
    return run(tool, run, ALICE, Flow.CONTINUE, python).awaitOver();
  }

  @Test
  void shouldBringInputsInAndOutputsOut() throws IOException {
    Tool tool = python(DO, "", OUTPUTS);
    Path run = runDirectory();
    input(run);

    RunOfWorker ended =
        exec(
            tool,
            run,
            "text = open('in.txt').read(); open('a.txt', 'w').write(text + '!');"
                + " open('d/b.txt', 'w').write('b'); open('other', 'w').write('c')");

    assertThat(ended.output()).isEqualTo("in.txt");
    assertThat(ended.end().verdict()).isNull();
    assertThat(run.resolve("a.txt")).hasContent("the input!");
    assertThat(run.resolve("d/b.txt")).hasContent("b");
    assertThat(run.resolve("other")).doesNotExist();
    await().untilAsserted(() -> assertThat(left()).isEmpty());
    assertThat(exec(tool, runDirectory(), "pass").pid()).isEqualTo(ended.pid());
  }

  @Test
  void shouldKeepARunsFilesFromAWorkerThatKeepsThemOpen() throws IOException {
    Tool tool = python(DO, "", OUTPUTS);
    Path run = runDirectory();
    Path blob = input(run).toRealPath();

    exec(
        tool,
        run,
        "os.chmod('in.txt', 0o600); f = open('in.txt', 'r+'); g = open('a.txt', 'w');"
            + " g.write('first'); g.flush(); d = os.open('.', os.O_RDONLY);"
            + " globals().update(f=f, g=g, d=d)");
    await().untilAsserted(() -> assertThat(left()).isEmpty());
    RunOfWorker later =
        exec(
            tool,
            runDirectory(),
            "f.write('overwritten'); f.flush(); g.write(' second'); g.flush();"
                + " assert os.listdir(d) == []");

    assertThat(later.exit()).isEqualTo(new Exit.Code(0));
    assertThat(blob).hasContent("the input");
    assertThat(run.resolve("a.txt")).hasContent("first");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "os.symlink(SECRET, 'a.txt') | output 'a' (a.txt) is a symbolic link",
        "os.mkfifo('a.txt') | output 'a' (a.txt) is not a regular file",
        "os.mkdir('a.txt') | output 'a' (a.txt) is not a regular file",
        "os.rmdir('d'); os.symlink(os.path.dirname(SECRET), 'd') | output 'b' (d/b.txt) leaves the work directory",
        "os.chdir(home); shutil.rmtree(here) | its worker has removed the request's directory",
        "os.chdir(home); shutil.rmtree(here); os.symlink(os.path.dirname(SECRET), here) | its worker has replaced the request's directory",
      })
  void shouldFollowNoPathThatLeadsOut(String python, String reason) throws IOException {
    Tool tool = python(DO, "", OUTPUTS);
    Path secrets = Files.createDirectories(directory.resolve("secrets"));
    Path secret = Files.writeString(secrets.resolve("b.txt"), "secret");
    Path run = runDirectory();
    Files.createDirectory(run.resolve("d"));

    RunOfWorker ended = exec(tool, run, python.replace("SECRET", "'" + secret + "'"));

    assertThat(ended.reason()).startsWith(reason);
    assertThat(secret).hasContent("secret");
    assertThat(run.resolve("a.txt")).doesNotExist();
    assertThat(run.resolve("d/b.txt")).doesNotExist();
    assertThat(exec(tool, runDirectory(), "pass").exit()).isEqualTo(new Exit.Code(0));
  }

  @Test
  void shouldTakeNoMoreOfAFileThanShowsThatItIsTooLarge() throws IOException {
    Tool tool = python(DO, "", OUTPUTS);
    Path run = runDirectory();

    exec(tool, run, "open('a.txt', 'w').write('x' * 100000)");

    assertThat(run.resolve("a.txt")).hasSize(1025);
  }

  @Test
  void shouldRemoveWhateverIsLeftWithoutFollowingALink() throws IOException {
    Tool tool = python(DO, "");
    Path secret = Files.writeString(directory.resolve("secret"), "secret");

    RunOfWorker first =
        exec(
            tool,
            runDirectory(),
            "os.symlink('"
                + directory
                + "', 'link'); [(os.mkdir('x'), os.chdir('x')) for i in range(300)]");
    await().untilAsserted(() -> assertThat(left()).isEmpty());
    RunOfWorker next = exec(tool, runDirectory(), "pass");

    assertThat(first.exit()).isEqualTo(new Exit.Code(0));
    assertThat(next.pid()).isEqualTo(first.pid());
    assertThat(secret).hasContent("secret");
  }

  @Test
  void shouldMakeAWorkerAnewThatLeavesMoreFilesThanCanBeRemoved() throws IOException {
    Tool tool = python(DO, "");

    RunOfWorker many = exec(tool, runDirectory(), "for i in range(20001): os.symlink('x', str(i))");
    awaitGone(many.pid());
    RunOfWorker next = exec(tool, runDirectory(), "pass");

    assertThat(many.exit()).isEqualTo(new Exit.Code(0));
    assertThat(next.exit()).isEqualTo(new Exit.Code(0));
    assertThat(next.pid()).isNotEqualTo(many.pid());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "open('left', 'w').write('secret')",
        "os.mkdir('d'); open('d/left', 'w').write('secret')",
        "os.symlink('/etc', 'link')",
        "open('left', 'w').close(); os.chmod('.', 0o500)",
        "os.mkdir('d'); os.rmdir('d')",
        "os.chdir(home); os.rename(here, here + 'x'); os.mkdir(here); open(here + '/left', 'w').close()",
        "os.chdir(home); os.rmdir(here)",
        "os.chdir(home); os.rmdir(here); os.symlink('/etc', here)",
      })
  void shouldNotShowARequestWhatAnotherHasLeft(String leaves) throws IOException {
    Tool tool = python(DO, "");
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    String looks = "assert os.listdir('.') == [] and os.access('.', os.W_OK)";
    // A directory that was just made tells nothing for a while; both kinds are to be met.
    long begun = System.nanoTime();
    int reused = 0;

    while (seconds(begun) < 1 || (reused == 0 && seconds(begun) < 30)) {
      RunOfWorker looked = exec(tool, runDirectory(), looks);
      assertThat(looked.exit()).as(looked.output()).isEqualTo(new Exit.Code(0));
      RunOfWorker left = exec(tool, runDirectory(), looks + "; " + leaves);
      assertThat(left.exit()).as(left.output()).isEqualTo(new Exit.Code(0));
      RunOfWorker next = exec(tool, runDirectory(), looks + "; raise Exception(here)");
      assertThat(next.output()).startsWith("Exception(");
      assertThat(next.pid()).isEqualTo(looked.pid());
      reused += next.output().contains("/ready-") ? 1 : 0;
    }

    assertThat(reused).as("requests in a directory that was ready").isPositive();
    assertThat(secret).hasContent("secret");
  }

  private static long seconds(long since) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
  }

  @Test
  void shouldUseADirectoryAgainThatNobodyHasTouched() throws IOException {
    Tool tool = python(DO, "");
    String where = "raise Exception(here)";

    await()
        .untilAsserted(
            () -> {
              RunOfWorker one = exec(tool, runDirectory(), where);
              RunOfWorker next = exec(tool, runDirectory(), where);
              assertThat(next.output()).contains("/ready-").isEqualTo(one.output());
            });
  }
}
