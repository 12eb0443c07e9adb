package dev.stoker.nemesis;

import dev.stoker.nemesis.Event.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What clients ask for, and how often. Immutable.
 *
 * @param choices each as often as it is wanted
 * @param thinkMillisMax how long a client waits at most before its next request
 */
record LoadMix(List<Choice> choices, long thinkMillisMax) {
  LoadMix {
    choices = List.copyOf(choices);
  }

  /** A way of asking for a tool. */
  record Choice(Kind kind, LoadTool tool) {}

  /** Everything. */
  static LoadMix ofAll() {
    List<Choice> all = new ArrayList<>();
    all.addAll(Collections.nCopies(3, new Choice(Kind.SYNC, LoadTool.ONCE)));
    all.addAll(Collections.nCopies(4, new Choice(Kind.SYNC, LoadTool.CACHED)));
    all.addAll(Collections.nCopies(5, new Choice(Kind.ASYNC, LoadTool.ONCE)));
    all.addAll(Collections.nCopies(5, new Choice(Kind.ASYNC, LoadTool.AGAIN)));
    all.addAll(Collections.nCopies(2, new Choice(Kind.ASYNC, LoadTool.CAPPED)));
    all.add(new Choice(Kind.SYNC, LoadTool.CAPPED));
    all.add(new Choice(Kind.ASYNC, LoadTool.CACHED));
    all.add(new Choice(Kind.ASYNC, LoadTool.LONG));
    return new LoadMix(all, 150);
  }

  /** Requests whose callers wait. */
  static LoadMix ofSync() {
    return new LoadMix(
        List.of(
            new Choice(Kind.SYNC, LoadTool.ONCE),
            new Choice(Kind.SYNC, LoadTool.ONCE),
            new Choice(Kind.SYNC, LoadTool.CACHED)),
        100);
  }

  Choice choose(Random random) {
    return choices.get(random.nextInt(choices.size()));
  }
}
