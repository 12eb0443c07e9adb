package dev.stoker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.blob.Blob;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SearchTest {
  private static final Digest DIGEST = Digest.of(new byte[0]);
  private static final Blob BLOB = new Blob(DIGEST, 0);

  private final Others others = new Others();

  private static NodeId node(String name) {
    return new NodeId(name, 1);
  }

  /** Answers when it is told to. */
  private static final class Others implements Search.Source {
    private final List<NodeId> present = new ArrayList<>(List.of(node("a"), node("b"), node("c")));
    private final Map<String, Promise<Boolean>> asked = new LinkedHashMap<>();
    private final Map<String, Promise<Blob>> pulled = new LinkedHashMap<>();

    @Override
    public List<NodeId> others() {
      return List.copyOf(present);
    }

    @Override
    public Future<?> has(NodeId node, Digest digest) {
      return asked.computeIfAbsent(node.name(), name -> Promise.promise()).future();
    }

    @Override
    public Future<Blob> pull(NodeId node, Digest digest) {
      return pulled.computeIfAbsent(node.name(), name -> Promise.promise()).future();
    }

    static <T> Promise<T> promise(Map<String, Promise<T>> promises, String name) {
      return Objects.requireNonNull(promises.get(name));
    }

    void has(String name) {
      promise(asked, name).complete(true);
    }

    void hasNot(String name) {
      promise(asked, name).fail("it has not");
    }

    void gives(String name) {
      promise(pulled, name).complete(BLOB);
    }

    void givesNot(String name) {
      promise(pulled, name).fail(new Pull.NotGivenException(new IllegalStateException("gone")));
    }
  }

  @Test
  void shouldPullFromTheLikelyOneWithoutAsking() {
    Future<Optional<Blob>> found = new Search(DIGEST, others).start("b");

    others.gives("b");

    assertThat(found.result()).contains(BLOB);
    assertThat(others.asked).isEmpty();
  }

  @Test
  void shouldAskAllOthersAtOnceAndPullFromTheFirstThatHasIt() {
    Future<Optional<Blob>> found = new Search(DIGEST, others).start(null);
    assertThat(others.asked).containsOnlyKeys("a", "b", "c");

    others.hasNot("a");
    others.has("c");
    others.has("b");
    others.gives("c");

    assertThat(found.result()).contains(BLOB);
    assertThat(others.pulled).containsOnlyKeys("c");
  }

  @Test
  void shouldNotAskTheLikelyOneAgain() {
    Future<Optional<Blob>> found = new Search(DIGEST, others).start("b");

    others.givesNot("b");

    assertThat(others.asked).containsOnlyKeys("a", "c");
    others.hasNot("a");
    assertThat(found.isComplete()).isFalse();
    others.hasNot("c");
    assertThat(found.result()).isEmpty();
  }

  @Test
  void shouldTakeTheNextWhenOneDoesNotGiveIt() {
    Future<Optional<Blob>> found = new Search(DIGEST, others).start(null);
    others.has("a");
    others.has("b");
    others.givesNot("a");
    assertThat(others.pulled).containsOnlyKeys("a", "b");

    others.givesNot("b");
    assertThat(found.isComplete()).isFalse();
    others.has("c");
    others.gives("c");

    assertThat(found.result()).contains(BLOB);
  }

  @Test
  void shouldFindNothingWhereNobodyIs() {
    others.present.clear();

    assertThat(new Search(DIGEST, others).start("a").result()).isEmpty();
  }

  @Test
  void shouldFailWhenThisNodeCannotKeepIt() {
    Future<Optional<Blob>> found = new Search(DIGEST, others).start("a");

    Others.promise(others.pulled, "a").fail(new ServiceException(ErrorCode.STORAGE_FULL, "full"));

    assertThat(found.cause()).hasMessage("full");
    assertThat(others.asked).isEmpty();
  }
}
