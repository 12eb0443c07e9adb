package dev.stoker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.stoker.sandbox.ContainerProbe.Finding;
import dev.stoker.sandbox.ContainerProbe.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerProbeTest {
  @TempDir Path directory;

  @Test
  void shouldSayThatThereIsNoBubblewrap() {
    Finding finding =
        new ContainerProbe((program, argv) -> new Result(true, "")).look(List.of(directory));

    assertThat(finding)
        .isEqualTo(
            new Finding.Lacking("bubblewrap is not installed: there is no bwrap in " + directory));
  }

  @ParameterizedTest
  @MethodSource("systems")
  void shouldSayWhatKeepsContainersFromBeingMade(
      String version, Predicate<List<String>> refuses, String words, String why) throws Exception {
    assertThat(Files.createFile(directory.resolve("bwrap")).toFile().setExecutable(true)).isTrue();
    ContainerProbe probe =
        new ContainerProbe(
            (program, argv) ->
                argv.contains("--version")
                    ? new Result(true, version + "\n")
                    : new Result(!refuses.test(argv), refuses.test(argv) ? words + "\n" : ""));

    assertThat(probe.look(List.of(Path.of("/nowhere"), directory)))
        .isEqualTo(new Finding.Lacking(why));
  }

  static Stream<Arguments> systems() {
    Predicate<List<String>> all = argv -> true;
    Predicate<List<String>> proc = argv -> argv.contains("--proc");
    Predicate<List<String>> net = argv -> argv.contains("--unshare-net");
    return Stream.of(
        arguments("bubblewrap 0.4.1", all, "", "bubblewrap 0.4 is too old; needed: 0.8.0 or newer"),
        arguments(
            "bubblewrap 0.8.0",
            all,
            "bwrap: No permissions to create new namespace",
            "user namespaces cannot be made here: bwrap: No permissions to create new namespace"),
        arguments(
            "bubblewrap 0.8.0",
            proc,
            "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
            "a namespace cannot be given a /proc of its own, because parts of this one are masked:"
                + " bwrap: Can't mount proc on /newroot/proc: Operation not permitted"),
        arguments(
            "bubblewrap 0.11.0",
            net,
            "bwrap: loopback: Failed RTM_NEWADDR",
            "a container cannot be made here: bwrap: loopback: Failed RTM_NEWADDR"));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void shouldUseWhatTheVersionCan(String version, boolean namesPrograms) throws Exception {
    Path program = Files.createFile(directory.resolve("bwrap"));
    assertThat(program.toFile().setExecutable(true)).isTrue();

    Finding finding =
        new ContainerProbe((path, argv) -> new Result(true, version)).look(List.of(directory));

    assertThat(finding).isEqualTo(new Finding.Works(new Bubblewrap(program, namesPrograms)));
  }

  static Stream<Arguments> versions() {
    return Stream.of(
        arguments("bubblewrap 0.8.0", false),
        arguments("bubblewrap 0.9.0", true),
        arguments("bubblewrap 0.11.0", true),
        arguments("bubblewrap 1.0.0", true));
  }
}
