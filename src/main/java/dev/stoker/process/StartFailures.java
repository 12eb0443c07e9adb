package dev.stoker.process;

import java.nio.file.Files;
import java.nio.file.Path;

/** Says why a process could not be started, in words for the caller of the tool. Stateless. */
final class StartFailures {
  private StartFailures() {}

  static StartFailure stopped(ProcessSpec spec) {
    return failure(spec, 0, "stopped before it started");
  }

  /** Why not is in the log. */
  static StartFailure notConfined(ProcessSpec spec) {
    return failure(spec, 0, "it cannot be confined here as its tool asks for");
  }

  static StartFailure noStdin(ProcessSpec spec, Path stdin) {
    return failure(
        spec,
        Files.exists(stdin) ? 0 : Errno.ENOENT,
        Files.exists(stdin) ? "its input is not a regular file" : "its input does not exist");
  }

  /** What {@code posix_spawn}, {@code pipe2} or {@code pidfd_open} ended with. */
  static StartFailure of(ProcessSpec spec, int errno) {
    return failure(
        spec,
        errno,
        switch (errno) {
          case Errno.ENOENT -> missing(spec);
          case Errno.ENOTDIR -> missing(spec);
          case Errno.EACCES -> refused(spec);
          case Errno.E2BIG -> "its arguments and environment are too long for this system";
          case Errno.ENOEXEC -> "it is not a program of this machine, nor a script with a #! line";
          case Errno.ETXTBSY -> "the program is being written to";
          case Errno.ELOOP -> "too many symbolic links lead to it";
          case Errno.EAGAIN -> "the system allows no more processes";
          case Errno.ENOMEM -> "the system has no memory for another process";
          case Errno.EMFILE -> "the service has no more descriptors";
          case Errno.ENFILE -> "the system has no more descriptors";
          default -> "error " + errno;
        });
  }

  private static String missing(ProcessSpec spec) {
    if (!Files.isDirectory(spec.directory())) {
      return "its working directory does not exist";
    }
    return Files.exists(spec.executable())
        ? "the program's interpreter or loader does not exist"
        : "no such file";
  }

  private static String refused(ProcessSpec spec) {
    if (Files.isDirectory(spec.executable())) {
      return "it is a directory";
    }
    return Files.isExecutable(spec.executable())
        ? "permission denied"
        : "the file is not executable";
  }

  private static StartFailure failure(ProcessSpec spec, int errno, String why) {
    return new StartFailure(errno, "cannot start '" + spec.argv().getFirst() + "': " + why);
  }
}
