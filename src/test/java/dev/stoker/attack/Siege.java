package dev.stoker.attack;

import dev.stoker.Http;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One node, everybody who is beside it, and the attacks of one level after the other. */
final class Siege implements AutoCloseable {
  private final Path programs;
  private final List<Attack> attacks;
  private final Outside outside;
  private final Outsider outsider;
  private final AttackedNode node;
  private final Http http;

  /**
   * @param directory for the node and what is beside it; its path is short
   * @param attacks those of the table
   * @param levels at which the node has the tools
   */
  Siege(Path directory, Path programs, List<Attack> attacks, Set<Level> levels) {
    this.programs = programs;
    this.attacks = List.copyOf(attacks);
    outside = Outside.make(directory.resolve("o"), programs);
    outsider = Outsider.start(programs, outside.socket());
    node = AttackedNode.start(directory.resolve("home"), programs, levels);
    http = Http.of(node.process());
  }

  /** What one level's attacks came to. */
  record Result(Level level, Map<Attack, String> outcomes, List<String> damage, int served) {
    /** What is not as the table says. */
    List<String> surprises() {
      List<String> surprises = new ArrayList<>();
      outcomes.forEach(
          (attack, outcome) -> {
            if (!attack.isExpected(level, outcome)) {
              surprises.add(
                  "%s | %s: expected %s, was %s"
                      .formatted(level.word(), attack.what(), attack.expected(level), outcome));
            }
          });
      return surprises;
    }

    /** The level's table, as it was seen. */
    String table() {
      StringBuilder table = new StringBuilder();
      outcomes.forEach(
          (attack, outcome) ->
              table.append("%-10s %-60s %s%n".formatted(level.word(), attack.what(), outcome)));
      return table.toString();
    }
  }

  /** Makes all attacks of a level while others go on with their work. */
  Result lay(Level level) throws Exception {
    outside.fill(programs);
    String given = node.upload(http, AttackedNode.GIVEN + "\n");
    try (Bystanders bystanders = new Bystanders(node.process(), level, given)) {
      List<String> damage = new ArrayList<>(bystanders.fillAllSlots());
      Aftermath aftermath = new Aftermath(node, outsider, outside);
      bystanders.begin();
      Map<Attack, String> outcomes =
          new Assault(node, http, level, outsider, outside).make(attacks);
      damage.addAll(bystanders.end());
      damage.addAll(bystanders.fillAllSlots());
      if (level == Level.NONE) {
        // Nothing stops what is done there to others: it is only to be seen that it works.
        Aftermath.clean(node.home().data().resolve("work"));
        damage.removeIf(each -> !each.startsWith("a neighbour"));
      } else {
        damage.addAll(aftermath.damage());
      }
      return new Result(level, outcomes, damage, bystanders.served());
    }
  }

  /**
   * What a caller is told of a level that this machine cannot give. It is to be a refusal: a run
   * with less would be the worst answer.
   */
  Http.Answer refusal(Level level) {
    return http.post(
        "/v1/tools/files-" + level.word() + "/runs",
        BodyPublishers.ofString("{\"params\": {\"arguments\": [\"read\", \"/etc/shadow\"]}}"),
        "Content-Type",
        "application/json");
  }

  @Override
  public void close() {
    http.close();
    node.close();
    outsider.close();
  }
}
