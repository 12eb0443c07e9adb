package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A run that has nothing to do with what goes on beside it, and takes about two seconds. */
record Neighbour(CompletableFuture<Http.Answer> answer) {
  private static final int ROUNDS = 20;
  private static final int NUMBERS = 500;

  static void describe(StokerHome home) {
    home.script(
        "neighbour",
        "for i in $(seq %d); do seq %d; sleep 0.1; done; echo over >&2".formatted(ROUNDS, NUMBERS));
  }

  static Neighbour start(Http http) {
    return new Neighbour(CompletableFuture.supplyAsync(() -> http.run("neighbour")));
  }

  /** Waits for its end, and looks whether all of its result is there. */
  void assertUntouched() {
    RunView run = answer.join().run();
    assertThat(run.state()).describedAs(run.json().encode()).isEqualTo("succeeded");
    String round =
        IntStream.rangeClosed(1, NUMBERS).mapToObj(i -> i + "\n").collect(Collectors.joining());
    assertThat(run.stdout()).isEqualTo(round.repeat(ROUNDS));
    assertThat(run.stderr()).isEqualTo("over\n");
  }
}
