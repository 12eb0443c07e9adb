package dev.stoker.executor;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobLink;
import dev.stoker.blob.BlobStore;
import dev.stoker.run.Digest;
import dev.stoker.run.Outcome;
import dev.stoker.run.OutputFile;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.ToolDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings input files into a run's work directory, and output files out of it. Every method blocks;
 * used by one thread at a time.
 */
final class Collector {
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

  private final BlobStore blobs;
  private final ToolDefinition tool;
  private final Invocation invocation;
  private final List<BlobLink> links = new ArrayList<>(0);

  Collector(BlobStore blobs, ToolDefinition tool, Invocation invocation) {
    this.blobs = blobs;
    this.tool = tool;
    this.invocation = invocation;
  }

  /**
   * Links the inputs and makes the directories that outputs are to be in.
   *
   * @throws dev.stoker.run.ServiceException BLOB_NOT_FOUND
   */
  void bringIn(Path directory, Map<String, Digest> inputs) throws IOException {
    for (Map.Entry<String, String> input : invocation.inputs().entrySet()) {
      Digest digest = inputs.get(input.getKey());
      if (digest != null) {
        Path target = directory.resolve(input.getValue());
        makeParent(target);
        links.add(blobs.link(digest, target));
      }
    }
    for (String output : invocation.outputs().values()) {
      makeParent(directory.resolve(output));
    }
  }

  /**
   * Gives the inputs up, and takes the declared files that are there.
   *
   * @param wanted whether the run has succeeded so far; the files of a failed one are not taken
   */
  Found bringOut(Path directory, boolean wanted) {
    Outcome problem = release();
    if (!wanted) {
      return Found.NOTHING;
    }
    Map<String, OutputFile> files = new LinkedHashMap<>();
    for (Map.Entry<String, ToolDefinition.Output> declared : tool.outputs().entrySet()) {
      ToolDefinition.Output output = declared.getValue();
      Path file = directory.resolve(output.path());
      String refusal;
      try {
        refusal = refusal(directory, file, output);
        if (refusal == null) {
          Blob blob = blobs.adopt(file);
          files.put(
              declared.getKey(), new OutputFile(blob.digest(), blob.bytes(), output.mediaType()));
        }
      } catch (IOException e) {
        LOG.warn("cannot take the output {}", file, e);
        refusal = "cannot be stored";
      }
      if (refusal != null && (output.required() || Files.exists(file, LinkOption.NOFOLLOW_LINKS))) {
        problem =
            new Outcome.Failed(
                "output '" + declared.getKey() + "' (" + output.path() + ") " + refusal);
      }
    }
    return new Found(files, problem);
  }

  /** Why a file is not taken; null when it may be. */
  private @Nullable String refusal(Path directory, Path file, ToolDefinition.Output output)
      throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return "is missing";
    }
    // A directory on the way may have become a link that leads out.
    Path parent = file.getParent();
    if (parent == null || !parent.toRealPath().startsWith(directory.toRealPath())) {
      return "leaves the work directory";
    }
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isSymbolicLink()) {
      return "is a symbolic link; allowed: a regular file";
    }
    if (!attributes.isRegularFile()) {
      return "is not a regular file";
    }
    if (attributes.size() > output.maxSize().bytes()) {
      return "has " + attributes.size() + " bytes; allowed: " + output.maxSize();
    }
    return null;
  }

  /** Gives the links up and tells which input was written to, if one was. */
  @Nullable Outcome release() {
    Outcome problem = null;
    for (BlobLink link : links) {
      if (!link.intact()) {
        problem = new Outcome.Failed("the tool wrote to an input file; inputs are read-only");
      }
      link.close();
    }
    links.clear();
    return problem;
  }

  private static void makeParent(Path file) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
  }

  /** What there was, and the failure it means when something needed is not. */
  record Found(Map<String, OutputFile> files, @Nullable Outcome problem) {
    static final Found NOTHING = new Found(Map.of(), null);
  }
}
