package dev.stoker.check;

import dev.stoker.check.Words.Word;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Programs and scripts that somebody else could change, or that give rights away. Stateless. */
final class FileFindings {
  private static final int SET_UID = 04000;
  private static final int SET_GID = 02000;
  private static final int STICKY = 01000;

  private FileFindings() {}

  static void find(ToolDefinition tool, Report report, List<Word> words, Programs programs) {
    for (Word word : words) {
      Path file = file(tool, words, word, programs);
      if (file != null) {
        permissions(tool, report, word.path(), file);
      } else if (word.isFixed() && word.literal().matches("/.+\\.(sh|bash|py)")) {
        report.warning(
            word.path(), "missing-script", "is not a file here", "install it, or mend the path");
      }
    }
  }

  /** The file that a word names; null when it names none. */
  static @Nullable Path file(ToolDefinition tool, List<Word> words, Word word, Programs programs) {
    if (!word.isFixed() || word.text().indexOf('\0') >= 0) {
      return null;
    }
    if (word.equals(words.getFirst()) && tool.module() == null) {
      return programs.find(word.literal()).orElse(null);
    }
    Path path = word.literal().startsWith("/") ? Path.of(word.literal()) : null;
    return path != null && Files.isRegularFile(path) ? path : null;
  }

  private static void permissions(ToolDefinition tool, Report report, String path, Path file) {
    try {
      Path real = file.toRealPath();
      int mode = mode(real);
      if ((mode & (SET_UID | SET_GID)) != 0) {
        String message = real + " runs with the rights of its owner or group (set-uid, set-gid)";
        if (tool.isolation() == Isolation.NONE) {
          report.error(path, "set-uid", message, "leave isolation: none out, or use another one");
        } else {
          report.warning(
              path, "set-uid", message + ", which isolation takes from it", "use another");
        }
      }
      writable(report, path, real);
    } catch (IOException | UnsupportedOperationException e) {
      // Gone meanwhile, or a file system without such rights: nothing to say of it.
    }
  }

  /** The file itself, or a directory above it in which anyone may put another in its place. */
  private static void writable(Report report, String path, Path real) throws IOException {
    for (Path at = real; at != null; at = at.getParent()) {
      boolean byAll =
          Files.getPosixFilePermissions(at, LinkOption.NOFOLLOW_LINKS)
              .contains(PosixFilePermission.OTHERS_WRITE);
      boolean sticky = Files.isDirectory(at) && (mode(at) & STICKY) != 0;
      if (byAll && !sticky) {
        report.error(
            path,
            "writable-by-all",
            (at.equals(real) ? real : at + ", where " + real.getFileName() + " is,")
                + " can be written by everyone on this machine",
            "chmod o-w " + at);
        return;
      }
    }
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
  }
}
