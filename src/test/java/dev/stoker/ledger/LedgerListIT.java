package dev.stoker.ledger;

import static dev.stoker.ledger.LedgerFixture.await;
import static dev.stoker.ledger.LedgerFixture.command;
import static dev.stoker.ledger.LedgerFixture.queued;
import static dev.stoker.ledger.LedgerFixture.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Backend.class)
class LedgerListIT {
  private final Backend backend;
  @TempDir private Path directory;
  private LedgerFixture book;

  LedgerListIT(Backend backend) {
    this.backend = backend;
  }

  @BeforeEach
  void open() throws IOException {
    book = new LedgerFixture(backend, directory);
  }

  @AfterEach
  void close() {
    book.close();
  }

  @Test
  void shouldListTheNewestFirstAPageAtATime() throws IOException {
    List<RunId> ids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      if (i == 10) {
        book.reopen();
      }
      Delivery delivery = i % 2 == 0 ? Delivery.DETACHED : Delivery.WAIT;
      ids.add(book.accept(command("echo", delivery)).id());
    }

    List<RunId> listed = new ArrayList<>();
    RunId before = null;
    int pages = 0;
    do {
      Page page = await(book.ledger.list(new Query(null, null, null, 10, before)));
      page.runs().forEach(run -> listed.add(run.id()));
      before = page.next();
      pages++;
    } while (before != null);

    // Ids of one millisecond are in no order of their own.
    ids.sort(Collections.reverseOrder());
    assertThat(listed).isEqualTo(ids);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void shouldHaveNoNextPageAfterTheLastRun() {
    for (int i = 0; i < 10; i++) {
      book.run(command("echo", Delivery.DETACHED));
    }

    Page page = await(book.ledger.list(new Query(null, null, null, 10, null)));

    assertThat(page.runs()).hasSize(10);
    assertThat(page.next()).isNull();
  }

  @Test
  void shouldListByToolStateAndPrincipal() throws IOException {
    RunRecord echo = book.run(command("echo", Delivery.DETACHED));
    Command queued = book.accept(command("echo", Delivery.DETACHED));
    RunRecord gzip = book.run(command("gzip", Delivery.WAIT));
    for (int life = 0; life < 2; life++) {
      assertThat(ids("echo", null, null)).containsExactlyInAnyOrder(queued.id(), echo.id());
      assertThat(ids(null, RunState.SUCCEEDED, null))
          .containsExactlyInAnyOrder(gzip.id(), echo.id());
      assertThat(ids(null, RunState.QUEUED, "anonymous")).containsExactly(queued.id());
      assertThat(ids("echo", RunState.SUCCEEDED, "anonymous")).containsExactly(echo.id());
      assertThat(ids(null, RunState.RUNNING, null)).isEmpty();
      assertThat(ids(null, null, "bob")).isEmpty();
      assertThat(ids("nothing", null, null)).isEmpty();
      book.reopen();
    }
  }

  private List<RunId> ids(
      @Nullable String tool, @Nullable RunState state, @Nullable String principal) {
    return await(book.ledger.list(new Query(tool, state, principal, 1000, null))).runs().stream()
        .map(RunRecord::id)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1001})
  void shouldRefuseALimitThatIsNone(int limit) {
    assertThatThrownBy(() -> new Query(null, null, null, limit, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 1000");
  }

  @Test
  void shouldNeitherMissNorRepeatARunWhileItGoesToTheDisk() throws Exception {
    List<RunId> accepted = new CopyOnWriteArrayList<>();
    AtomicBoolean ended = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(2)) {
      Future<?> writing =
          threads.submit(
              () -> {
                for (int i = 0; i < 900; i++) {
                  Delivery delivery = i % 3 == 0 ? Delivery.DETACHED : Delivery.WAIT;
                  Command command = command("echo", delivery);
                  await(book.ledger.accept(command, queued(command)));
                  accepted.add(command.id());
                  if (i % 2 == 0) {
                    await(book.ledger.update(command, succeeded(command)));
                  }
                }
                ended.set(true);
              });
      int looks = 0;
      while (!ended.get() && !writing.isDone()) {
        List<RunId> before = List.copyOf(accepted);
        List<RunId> listed = ids(null, null, null);

        assertThat(listed).doesNotHaveDuplicates().containsAll(before);
        assertThat(listed).isSortedAccordingTo(Collections.reverseOrder());
        looks++;
      }
      writing.get();
      assertThat(looks).isPositive();
    }
  }
}
