package dev.stoker.request;

import dev.stoker.cluster.Members;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import java.util.stream.Collectors;

/** Finds the tools that callers name. Thread-safe. */
public record Tools(Catalog catalog, Members members) {
  /**
   * A tool that can run on some node.
   *
   * @throws ServiceException TOOL_NOT_FOUND or TOOL_UNAVAILABLE
   */
  public Tool runnable(String name) {
    Tool tool = find(name);
    if (tool.availability() instanceof Availability.Unavailable(String reason)
        && !canRunElsewhere(name)) {
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "tool '" + name + "' cannot run here: " + reason);
    }
    return tool;
  }

  private boolean canRunElsewhere(String name) {
    return members.present().values().stream()
        .anyMatch(node -> !node.id().equals(members.self()) && node.tools().containsKey(name));
  }

  /**
   * A tool of the catalog.
   *
   * @throws ServiceException TOOL_NOT_FOUND
   */
  public Tool find(String name) {
    return catalog
        .find(name)
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.TOOL_NOT_FOUND,
                    "there is no tool '"
                        + name
                        + "'; there are: "
                        + catalog.tools().stream()
                            .map(Tool::name)
                            .collect(Collectors.joining(", "))));
  }
}
