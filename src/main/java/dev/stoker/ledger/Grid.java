package dev.stoker.ledger;

import dev.stoker.run.RunId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The live state of durable runs where no store is shared: the cluster's maps decide whose a run
 * and a key are; a member's own file is behind them. Confined to the ledger's writer. Each call
 * takes a few times {@link GridMaps#PATIENCE} at most, however many runs it is for, and then fails
 * with {@link GridException}; some of it may then have been done, or be done later.
 */
final class Grid {
  private static final long FIRST_FENCE = 1;

  private final GridMaps maps;

  Grid(GridMaps maps) {
    this.maps = maps;
  }

  /**
   * Writes durable runs, each on two members when it returns.
   *
   * @return in the order of the rows
   */
  List<Fate> write(List<RunRow> rows) {
    List<CompletableFuture<Integer>> puts = new ArrayList<>();
    List<CompletableFuture<byte @Nullable []>> ends = new ArrayList<>();
    for (RunRow row : rows) {
      byte[] run = GridRun.of(row).encode();
      puts.add(maps.ask(() -> maps.runs.submitToKey(name(row), new GridPut(run, row.writer()))));
      ends.add(isNew(row) ? none() : ended(name(row)));
    }
    List<Integer> outcomes = GridMaps.all(puts);
    // Who ended a run took it out after it had said so: only a look from now on is sure to see it.
    for (int i = 0; i < rows.size(); i++) {
      if (outcomes.get(i) == GridPut.CREATED && !isNew(rows.get(i))) {
        ends.set(i, ended(name(rows.get(i))));
      }
    }
    List<byte @Nullable []> known = GridMaps.all(ends);
    Map<RunRow, Fate> fates = HashMap.newHashMap(rows.size());
    List<RunRow> tooLate = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      RunRow row = rows.get(i);
      byte @Nullable [] end = known.get(i);
      boolean isOver = end != null && GridRun.decode(end).isEndBeyond(row.writer(), row.fence());
      if (isOver) {
        tooLate.add(row);
      }
      boolean ours = !isOver && outcomes.get(i) != GridPut.REFUSED;
      fates.put(row, ours ? new Fate.Written() : new Fate.Fenced());
    }
    // What has ended elsewhere was taken out; a late write, or a split, must not put it back.
    drop(tooLate);
    claim(rows.stream().filter(row -> fates.get(row) instanceof Fate.Written).toList(), fates);
    return rows.stream().map(row -> Objects.requireNonNull(fates.get(row))).toList();
  }

  /** The run before its key: whoever dies between the two leaves no key without a run. */
  private void claim(List<RunRow> rows, Map<RunRow, Fate> fates) {
    List<RunRow> claiming = new ArrayList<>();
    List<CompletableFuture<byte @Nullable []>> claims = new ArrayList<>();
    for (RunRow row : rows) {
      String key = row.key();
      byte @Nullable [] fingerprint = row.fingerprint();
      if (isNew(row) && key != null && fingerprint != null) {
        KeyName name = new KeyName(row.principal(), row.tool(), key);
        claiming.add(row);
        claims.add(claim(name, GridKey.encode(RunRow.id(row.id()), fingerprint)));
      }
    }
    List<byte @Nullable []> holders = GridMaps.all(claims);
    List<RunRow> refused = new ArrayList<>();
    for (int i = 0; i < claiming.size(); i++) {
      RunRow row = claiming.get(i);
      byte @Nullable [] holder = holders.get(i);
      if (holder != null && !GridKey.decode(holder).run().equals(RunRow.id(row.id()))) {
        fates.put(row, new Fate.KeyTaken(GridKey.decode(holder)));
        refused.add(row);
      }
    }
    drop(refused);
  }

  private CompletableFuture<byte @Nullable []> claim(KeyName key, byte[] holder) {
    return maps.ask(() -> maps.keys.submitToKey(GridKey.name(key), new GridClaim(holder)));
  }

  private static boolean isNew(RunRow row) {
    return row.isFirst() && row.fence() == FIRST_FENCE;
  }

  private static CompletableFuture<byte @Nullable []> none() {
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<byte @Nullable []> ended(String run) {
    return maps.ask(() -> maps.ended.getAsync(run));
  }

  private void drop(List<RunRow> rows) {
    GridMaps.all(rows.stream().map(row -> drop(name(row), GridRun.of(row).encode())).toList());
  }

  private CompletableFuture<Boolean> drop(String name, byte[] run) {
    return maps.ask(() -> maps.runs.submitToKey(name, new GridDrop(run)));
  }

  /** Of ended runs that are in their node's file: others may still ask for them for a while. */
  void settle(List<RunRow> rows) {
    List<CompletableFuture<@Nullable Void>> ends = new ArrayList<>();
    for (RunRow row : rows) {
      byte[] end = GridRun.of(row).encode();
      ends.add(maps.ask(() -> maps.ended.setAsync(name(row), end)));
    }
    GridMaps.all(ends);
    drop(rows);
  }

  /** Takes over, oldest first. */
  List<RunWriter.Taken> takeOver(TakeOver.Request request) {
    String from = Objects.requireNonNullElse(request.home(), "");
    List<String> candidates =
        GridMaps.result(maps.homes()).entrySet().stream()
            .filter(run -> run.getValue().equals(from))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    List<RunWriter.Taken> taken = new ArrayList<>();
    // None means that none is left: where others were faster, the next ones are tried.
    for (int at = 0; at < candidates.size() && taken.isEmpty(); at += request.max()) {
      int end = Math.min(candidates.size(), at + request.max());
      taken.addAll(take(candidates.subList(at, end), request));
    }
    return taken;
  }

  private List<RunWriter.Taken> take(List<String> names, TakeOver.Request request) {
    GridTake take = new GridTake(request.home(), request.self().toString());
    List<byte @Nullable []> taken =
        GridMaps.all(names.stream().map(name -> submit(name, take)).toList());
    List<byte @Nullable []> ends = GridMaps.all(names.stream().map(this::ended).toList());
    List<RunWriter.Taken> runs = new ArrayList<>();
    List<CompletableFuture<Boolean>> drops = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      byte @Nullable [] bytes = taken.get(i);
      byte @Nullable [] end = ends.get(i);
      if (bytes == null) {
        continue;
      }
      GridRun run = GridRun.decode(bytes);
      if (end != null && GridRun.decode(end).fence() >= run.fence() - 1) {
        // The smaller side of a split has brought it back.
        drops.add(drop(names.get(i), bytes));
      } else {
        byte[] command = Objects.requireNonNull(run.command());
        runs.add(new RunWriter.Taken(RunRow.bytes(run.id()), run.fence(), command, run.record()));
      }
    }
    GridMaps.all(drops);
    return runs;
  }

  private CompletableFuture<byte @Nullable []> submit(String name, GridTake take) {
    return maps.ask(() -> maps.runs.submitToKey(name, take));
  }

  /**
   * Puts back a run that a member's own file has from an earlier life, and its key, unless the
   * cluster knows better: whether it did.
   */
  boolean putBack(RunWriter.Taken run, String taker) {
    RunId id = RunRow.id(run.id());
    String name = id.toString();
    if (GridMaps.result(ended(name)) != null || GridMaps.result(live(name)) != null) {
      return false;
    }
    byte[] back = new GridRun(id, taker, run.fence(), run.record(), run.command()).encode();
    CompletableFuture<Integer> put =
        maps.ask(() -> maps.runs.submitToKey(name, new GridPut(back, taker)));
    if (GridMaps.result(put) == GridPut.REFUSED) {
      return false;
    }
    RunRow.keyOf(run.command())
        .ifPresent(
            held ->
                GridMaps.result(
                    claim(held.name(), GridKey.encode(id, RunRow.bytes(held.fingerprint())))));
    return true;
  }

  private CompletableFuture<byte @Nullable []> live(String name) {
    return maps.ask(() -> maps.runs.getAsync(name));
  }

  /**
   * Puts right what failed writes and splits have left: runs of this node that it does not know.
   * One that others may know by its key, or that was taken over, becomes nobody's; others are
   * removed, and so is what has ended.
   *
   * @param homes as the maps had them a moment ago
   */
  void reconcile(Map<String, String> homes, String self, RunWriter.Known known) {
    List<String> strays =
        homes.entrySet().stream()
            .filter(run -> run.getValue().equals(self))
            .map(Map.Entry::getKey)
            .filter(run -> !known.holds(RunId.parse(run)))
            .toList();
    List<byte @Nullable []> runs = GridMaps.all(strays.stream().map(this::live).toList());
    List<byte @Nullable []> ends = GridMaps.all(strays.stream().map(this::ended).toList());
    List<CompletableFuture<?>> puttingRight = new ArrayList<>();
    for (int i = 0; i < strays.size(); i++) {
      byte @Nullable [] bytes = runs.get(i);
      if (bytes != null) {
        boolean hasEnded = ends.get(i) != null;
        puttingRight.add(putRight(strays.get(i), bytes, hasEnded, self));
      }
    }
    puttingRight.forEach(GridMaps::result);
  }

  private CompletableFuture<?> putRight(String name, byte[] bytes, boolean hasEnded, String self) {
    GridRun run = GridRun.decode(bytes);
    byte @Nullable [] command = run.command();
    boolean isUnheard =
        command != null && run.fence() == FIRST_FENCE && RunRow.keyOf(command).isEmpty();
    return hasEnded || isUnheard || command == null
        ? drop(name, bytes)
        : submit(name, new GridTake(self, null));
  }

  private static String name(RunRow row) {
    return RunRow.id(row.id()).toString();
  }
}
