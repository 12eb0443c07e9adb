package dev.stoker.process;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Tells to which run an orphan belongs. Stateless. */
final class StrayOwner {
  private StrayOwner() {}

  /**
   * The run that an orphan came from, by the surest sign it has left: session or group, mark in the
   * environment, one of a run's pipes, a working directory within a run's.
   *
   * <p>When a sign fits several, the one that is {@code asking} is not among the answers: a
   * neighbour's process must not be killed, and is found again when the neighbour ends.
   *
   * @return null when it is nobody's that is known
   */
  static @Nullable Child of(int pid, ProcFs.Stat stat, Child asking) {
    Collection<Child> everyone = Children.everyone();
    Child owner = one(everyone, asking, child -> hasSession(child, stat));
    if (owner == null) {
      String mark = ProcFs.mark(pid);
      // A mark of no run that is known is a run's that is over: nothing else may claim it.
      if (mark != null) {
        return one(everyone, asking, child -> child.spec().mark().equals(mark));
      }
      List<Path> descriptors = ProcFs.descriptors(pid);
      owner = one(everyone, asking, child -> holdsPipe(child, descriptors));
    }
    if (owner == null) {
      Path directory = ProcFs.workingDirectory(pid);
      owner =
          one(
              everyone,
              asking,
              child -> directory != null && directory.startsWith(child.spec().directory()));
    }
    return owner;
  }

  private static @Nullable Child one(
      Collection<Child> everyone, Child asking, Predicate<Child> sign) {
    List<Child> fitting = everyone.stream().filter(sign).toList();
    return fitting.stream()
        .filter(child -> child != asking)
        .findFirst()
        .orElse(fitting.isEmpty() ? null : asking);
  }

  private static boolean hasSession(Child child, ProcFs.Stat stat) {
    ProcessTree tree = child.tree();
    return tree != null && tree.holds(stat);
  }

  private static boolean holdsPipe(Child child, List<Path> descriptors) {
    ProcessTree tree = child.tree();
    return tree != null
        && tree.descriptors()
            .map(ProcFs::ownDescriptor)
            .filter(Objects::nonNull)
            .anyMatch(descriptors::contains);
  }
}
