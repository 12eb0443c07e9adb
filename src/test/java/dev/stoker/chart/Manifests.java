package dev.stoker.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Holds manifests to the schemas of those who read them: Kubernetes' own by its client's models,
 * which refuse fields that there are not, and all of them by the published models of npm's
 * kubernetes-models, custom resources too.
 */
final class Manifests {
  private static final List<String> PACKAGES =
      List.of(
          "kubernetes-models@5.1.0",
          "@kubernetes-models/gateway-api@2.0.0",
          "@kubernetes-models/keda@2.0.0",
          "@kubernetes-models/prometheus-operator@6.0.0");
  private static final Map<String, String> VERSIONS =
      Map.of(
          "v1", "V1",
          "apps/v1", "V1",
          "policy/v1", "V1",
          "networking.k8s.io/v1", "V1",
          "rbac.authorization.k8s.io/v1", "V1",
          "autoscaling/v2", "V2");

  private final Helm programs;
  private final Path directory;

  /** Fetches the models with npm into a directory. */
  Manifests(Helm programs, Path directory) {
    this.programs = programs;
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("package.json"), "{\"private\": true}");
      Files.copy(
          Path.of(System.getProperty("stoker.home", "."), "src/test/resources/chart/validate.mjs"),
          directory.resolve("validate.mjs"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> install =
        new ArrayList<>(
            List.of(
                "npm",
                "--prefix",
                directory.toString(),
                "install",
                "--silent",
                "--ignore-scripts",
                "--legacy-peer-deps"));
    install.addAll(PACKAGES);
    programs.run(install).orFail();
  }

  /** What is wrong with them; empty: nothing. */
  List<String> mistakes(Collection<JsonNode> manifests) {
    List<String> mistakes = new ArrayList<>();
    manifests.forEach(manifest -> check(manifest, mistakes));
    Path file = directory.resolve("manifests.json");
    try {
      Files.writeString(file, manifests.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Helm.Said said =
        programs.run(
            List.of("sh", "-c", "cd '" + directory + "' && exec node validate.mjs manifests.json"));
    if (said.exitCode() != 0) {
      mistakes.addAll(said.output().lines().toList());
      mistakes.add("node validate.mjs: exit code " + said.exitCode() + " " + said.errors());
    }
    return mistakes;
  }

  private static void check(JsonNode manifest, List<String> mistakes) {
    String version = VERSIONS.get(manifest.path("apiVersion").asText());
    if (version == null) {
      return;
    }
    String model =
        "io.kubernetes.client.openapi.models." + version + manifest.path("kind").asText();
    try {
      JsonElement json = JsonParser.parseString(manifest.toString());
      Class.forName(model).getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
    } catch (InvocationTargetException e) {
      mistakes.add(manifest.at("/metadata/name").asText() + ": " + e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(model, e);
    }
  }
}
