package dev.stoker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private final Turns turns = new Turns(2, 3);
  private final List<Integer> begun = new ArrayList<>();
  private final List<Promise<String>> works = new ArrayList<>();

  private Future<String> take(int number) {
    return turns.take(
        () -> {
          begun.add(number);
          Promise<String> work = Promise.promise();
          works.add(work);
          return work.future();
        });
  }

  @Test
  void shouldBeginSoManyAtOnceAndTheOthersInOrder() {
    Future<String> first = take(1);
    take(2);
    Future<String> third = take(3);
    take(4);
    assertThat(begun).containsExactly(1, 2);

    works.get(0).complete("one");
    works.get(1).fail("no");
    works.get(2).complete("three");

    assertThat(begun).containsExactly(1, 2, 3, 4);
    assertThat(first.result()).isEqualTo("one");
    assertThat(third.result()).isEqualTo("three");
    assertThat(turns.idle()).isFalse();
    works.get(3).complete("four");
    assertThat(turns.idle()).isTrue();
  }

  @Test
  void shouldRefuseWhenTooManyWait() {
    for (int i = 1; i <= 5; i++) {
      take(i);
    }

    Future<String> refused = take(6);

    assertThat(refused.cause())
        .isInstanceOfSatisfying(
            ServiceException.class,
            full -> assertThat(full.code()).isEqualTo(ErrorCode.CAPACITY_EXCEEDED));
    works.get(0).complete("one");
    assertThat(take(7).failed()).isFalse();
  }

  @Test
  void shouldGiveTheTurnOnWhenTheWorkThrows() {
    Future<String> thrown =
        turns.take(
            () -> {
              throw new IllegalStateException("broken");
            });

    assertThat(thrown.cause()).hasMessage("broken");
    assertThat(turns.idle()).isTrue();
  }

  @Test
  void shouldBearALongLineOfWorkThatIsDoneAtOnce() {
    Turns many = new Turns(1, 100_000);
    Promise<String> holder = Promise.promise();
    Future<String> held = many.take(holder::future);
    List<Future<String>> all = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      all.add(many.take(() -> Future.succeededFuture("done")));
    }

    holder.complete("held");

    assertThat(held.succeeded()).isTrue();
    assertThat(all).allMatch(Future::succeeded);
    assertThat(many.idle()).isTrue();
  }
}
