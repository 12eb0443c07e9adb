package dev.stoker.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryAddedListener;
import com.hazelcast.map.listener.EntryUpdatedListener;
import dev.stoker.run.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is in the cluster and has said what of itself. Thread-safe: everything that changes belongs
 * to the thread {@code stoker-members}, which never waits for Hazelcast, so that a member that left
 * is gone at once.
 */
final class Roster
    implements MembershipListener,
        EntryAddedListener<String, String>,
        EntryUpdatedListener<String, String>,
        AutoCloseable {
  static final String MAP = "stoker.nodes";

  private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

  /** Heals what an event that was lost, or a partition that was, has left wrong. */
  private static final Duration REREAD = Duration.ofSeconds(2);

  private final HazelcastInstance hazelcast;
  private final NodeId self;
  private final ListedMembers list;
  private final IMap<String, String> announced;
  private final ScheduledThreadPoolExecutor thread;
  private final ScheduledFuture<?> rereading;
  private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> mergeListeners = new CopyOnWriteArrayList<>();

  private volatile View view = new View(Set.of(), Map.of());

  // Of the thread alone.
  private final Map<NodeId, NodeInfo> infos = new HashMap<>();
  private @Nullable String own;

  /** What was made of the members and of what they have said. */
  private record View(Set<NodeId> nodes, Map<NodeId, NodeInfo> present) {}

  Roster(HazelcastInstance hazelcast, NodeId self, ListedMembers list) {
    this.hazelcast = hazelcast;
    this.self = self;
    this.list = list;
    this.announced = hazelcast.getMap(MAP);
    this.thread = new ScheduledThreadPoolExecutor(1, Roster::daemon);
    hazelcast.getCluster().addMembershipListener(this);
    announced.addEntryListener(this, true);
    view = new View(nodes(), Map.of());
    rereading =
        thread.scheduleWithFixedDelay(
            this::guardedReread, 0, REREAD.toMillis(), TimeUnit.MILLISECONDS);
  }

  Map<NodeId, NodeInfo> present() {
    return view.present();
  }

  /** Those who are there, announced or not. */
  Set<NodeId> members() {
    return view.nodes();
  }

  /** Stokers in the cluster, whether they have announced themselves or not. */
  int size() {
    return view.nodes().size();
  }

  void onChange(Runnable listener) {
    changeListeners.add(listener);
  }

  void onMerged(Runnable listener) {
    mergeListeners.add(listener);
  }

  void announce(NodeInfo info) {
    String text = NodeInfoText.write(info);
    execute(
        () -> {
          own = text;
          learn(self, text);
          tell();
        });
  }

  /** After a split has healed on this side, which has a new membership and the others' data. */
  void merged() {
    execute(
        () -> {
          infos.keySet().removeIf(node -> !node.equals(self));
          reread();
          mergeListeners.forEach(this::call);
        });
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    LOG.info("{} has joined", describe(event.getMember()));
    execute(this::reread);
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    LOG.warn("{} has left", describe(event.getMember()));
    execute(
        () -> {
          publish();
          Attribute.node(event.getMember())
              .filter(node -> !nodes().contains(node))
              .ifPresent(node -> announced.removeAsync(node.toString()));
          reread();
        });
  }

  @Override
  public void entryAdded(EntryEvent<String, String> event) {
    learnLater(event.getKey(), event.getValue());
  }

  @Override
  public void entryUpdated(EntryEvent<String, String> event) {
    learnLater(event.getKey(), event.getValue());
  }

  @Override
  public void close() {
    rereading.cancel(false);
    thread.shutdownNow();
  }

  private void guardedReread() {
    call(this::reread);
  }

  private void reread() {
    publish();
    for (NodeId node : view.nodes()) {
      if (!node.equals(self)) {
        announced
            .getAsync(node.toString())
            .thenAccept(text -> learnLater(node.toString(), text))
            .exceptionally(e -> warn("cannot read what " + node + " says of itself", e));
      }
    }
    tell();
  }

  private void tell() {
    String text = own;
    if (text == null) {
      return;
    }
    announced
        .getAsync(self.toString())
        .thenAccept(
            known -> {
              if (!text.equals(known)) {
                execute(() -> put(text));
              }
            })
        .exceptionally(e -> warn("cannot tell the others of this node", e));
  }

  private void put(String text) {
    // A newer announcement has its own put.
    if (text.equals(own)) {
      announced
          .setAsync(self.toString(), text)
          .exceptionally(e -> warn("cannot tell the others of this node", e));
    }
  }

  private void learnLater(String key, @Nullable String text) {
    if (text != null && !key.equals(self.toString())) {
      execute(() -> learn(NodeId.parse(key), text));
    }
  }

  private void learn(NodeId node, String text) {
    infos.put(node, NodeInfoText.read(text));
    publish();
  }

  private void publish() {
    Set<NodeId> nodes = nodes();
    hazelcast.getCluster().getMembers().forEach(member -> list.met(member.getAddress()));
    infos.keySet().retainAll(nodes);
    View next = new View(nodes, Map.copyOf(new LinkedHashMap<>(infos)));
    if (!next.equals(view)) {
      view = next;
      changeListeners.forEach(this::call);
    }
  }

  private Set<NodeId> nodes() {
    Stream<NodeId> others =
        hazelcast.getCluster().getMembers().stream()
            .map(member -> Attribute.node(member).orElse(null))
            .filter(Objects::nonNull);
    return Stream.concat(Stream.of(self), others).collect(Collectors.toUnmodifiableSet());
  }

  private void execute(Runnable task) {
    try {
      thread.execute(() -> call(task));
    } catch (RejectedExecutionException e) {
      LOG.debug("closed", e);
    }
  }

  /** A listener's fault is its own. */
  private void call(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!thread.isShutdown()) {
        LOG.error("a change of the members was not followed", e);
      }
    }
  }

  private @Nullable Void warn(String what, Throwable cause) {
    if (!thread.isShutdown()) {
      LOG.warn("{}: {}; it is tried again", what, cause.toString());
    }
    return null;
  }

  private static String describe(Member member) {
    return Attribute.node(member).map(node -> "node " + node).orElse("a client")
        + " at "
        + member.getAddress().getHost()
        + ":"
        + member.getAddress().getPort();
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "stoker-members");
    thread.setDaemon(true);
    return thread;
  }
}
