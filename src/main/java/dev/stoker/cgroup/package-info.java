/**
 * The kernel's control groups: finds which this process may make, makes one for each run, says what
 * a run has used, and leaves none behind.
 *
 * <p>The way in is {@link dev.stoker.cgroup.Cgroups}. It writes and reads small files of the
 * kernel's, from any thread. Must not know tools, nor start or look at processes: it is told which
 * to take in.
 */
@NullMarked
package dev.stoker.cgroup;

import org.jspecify.annotations.NullMarked;
