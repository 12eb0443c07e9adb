package dev.stoker.nemesis;

import dev.stoker.nemesis.Evidence.Told;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the ledger where it is kept, past all nodes. Stateless. */
final class Book {
  private static final String PLACE = "the database";

  private Book() {}

  static List<Told> read(Database database, Set<String> runs) {
    Map<String, State> found = new HashMap<>();
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement("SELECT id, record FROM run");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        State state = State.of(new dev.stoker.RunView(json(rows.getObject(2))));
        found.put(id(rows.getObject(1)), state);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the ledger's table cannot be read", e);
    }
    List<Told> told = new ArrayList<>();
    for (String run : runs) {
      told.add(new Told(PLACE, run, found.get(run)));
    }
    return told;
  }

  /** Runs that have not ended and that a node, in any of its lives, answers for. */
  static int unfinishedOf(Database database, String node) {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT count(*) FROM run WHERE finished_at IS NULL AND home LIKE ?")) {
      statement.setString(1, node + "-%");
      try (ResultSet count = statement.executeQuery()) {
        count.next();
        return count.getInt(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the ledger's table cannot be read", e);
    }
  }

  private static String id(@Nullable Object value) {
    return switch (value) {
      case UUID uuid -> uuid.toString();
      case byte[] bytes -> {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        yield new UUID(buffer.getLong(), buffer.getLong()).toString();
      }
      case null, default -> String.valueOf(value);
    };
  }

  private static JsonObject json(@Nullable Object value) {
    return switch (value) {
      case byte[] bytes -> new JsonObject(new String(bytes, StandardCharsets.UTF_8));
      case null, default -> new JsonObject(String.valueOf(value));
    };
  }
}
