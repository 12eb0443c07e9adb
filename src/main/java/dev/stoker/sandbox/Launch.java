package dev.stoker.sandbox;

import dev.stoker.process.ProcessSpec;
import dev.stoker.run.Principal;
import dev.stoker.tool.Tool;

/**
 * A run that is to get its process. Immutable.
 *
 * @param principal for whom it runs
 * @param spec the tool's program, as it would be started without any isolation; its directory is
 *     the run's own and nobody else's until the run is over
 */
public record Launch(Tool tool, Principal principal, ProcessSpec spec) {}
