package dev.stoker.process;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a process and all that comes of it are kept from. Immutable. Two that are equal may be given
 * by the same thread, one run after the other: a thread puts itself under the rules once and for
 * all, and each process that it starts inherits them.
 *
 * @param cell the work directory of the runs, which are one at a time
 * @param landlock the rules on files; null for none
 * @param filter the system calls; null for all
 * @param joins files that the thread writes {@code 0} into before anything else: {@code tasks} of
 *     cgroups (v1), so that what it starts is born in them
 */
public record Confinement(
    Path cell,
    Privileges privileges,
    Session session,
    @Nullable LandlockRules landlock,
    @Nullable SyscallFilter filter,
    List<Path> joins) {

  /** What is left of this JVM's privileges. */
  public enum Privileges {
    /** All, and set-uid programs may give more. */
    KEPT,
    /**
     * No capabilities, and no_new_privs: set-uid programs give none. Landlock and seccomp need it.
     */
    DROPPED,
    /**
     * The same, but that root keeps what it takes to be somebody in a user namespace (CAP_SETFCAP),
     * for a program that makes one and drops the rest: see user_namespaces(7).
     */
    MAPPING
  }

  /** How the processes of a run are told from others. */
  public enum Session {
    /** The main process leads a session and a group of its own. */
    OWN_SESSION,
    /**
     * They are in a process group of the thread's, whose number is held as long as the thread
     * lives; for filters that do not let them leave it.
     */
    CELL_GROUP
  }

  /** One that joins nothing. */
  public Confinement(
      Path cell,
      Privileges privileges,
      Session session,
      @Nullable LandlockRules landlock,
      @Nullable SyscallFilter filter) {
    this(cell, privileges, session, landlock, filter, List.of());
  }

  /** The same, and a member of these. */
  public Confinement joining(List<Path> files) {
    return new Confinement(cell, privileges, session, landlock, filter, files);
  }

  public Confinement {
    joins = List.copyOf(joins);
    if (privileges == Privileges.KEPT && (landlock != null || filter != null)) {
      throw new IllegalArgumentException("Landlock and seccomp need dropped privileges");
    }
  }
}
