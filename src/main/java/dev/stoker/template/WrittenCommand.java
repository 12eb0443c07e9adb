package dev.stoker.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that say how a tool is started, as a file has them: null where it says nothing.
 * Immutable.
 *
 * @param command the template's elements
 * @param requires programs that the command starts itself, by name or absolute path
 * @param environment variables, whose values are templates of text
 */
public record WrittenCommand(
    @Nullable JsonNode command,
    @Nullable List<@Nullable String> requires,
    @Nullable Map<String, @Nullable String> environment) {}
