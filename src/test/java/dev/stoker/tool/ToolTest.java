package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolTest {
  @TempDir private Path directory;

  @Test
  void shouldFillInWhatAFileDoesNotSay() {
    ToolDefinition tool = tool("command: [x]\ninputs: {in: }\noutputs: {out: }").definition();

    assertThat(tool.timeout())
        .isEqualTo(new ToolDefinition.Timeout(Duration.ofSeconds(60), Duration.ofHours(1)));
    assertThat(tool.grace()).isEqualTo(Duration.ofSeconds(2));
    assertThat(tool.concurrency()).isEqualTo(new ToolDefinition.Concurrency(4, 0, 100));
    assertThat(tool.limits())
        .isEqualTo(
            new ToolDefinition.Limits(
                new ByteSize(1 << 20), new ByteSize(256 << 10), ToolDefinition.OnExceed.KILL));
    assertThat(tool.isolation()).isEqualTo(ToolDefinition.Isolation.CONFINED);
    assertThat(tool.stdin()).isEqualTo(ToolDefinition.StdinMode.NONE);
    assertThat(tool.onDisconnect()).isEqualTo(ToolDefinition.Disconnect.CANCEL);
    assertThat(tool.retry()).isEqualTo(new ToolDefinition.Retry(1, List.of()));
    assertThat(tool.cache()).isNull();
    assertThat(tool.inputs())
        .containsEntry(
            "in", new ToolDefinition.Input("", true, new ByteSize(1L << 30), null, null));
    assertThat(tool.outputs())
        .containsEntry(
            "out",
            new ToolDefinition.Output(
                "", "out", "application/octet-stream", true, new ByteSize(1L << 30)));
    assertThat(tool.parameters().encode())
        .isEqualTo("{\"type\":\"object\",\"additionalProperties\":false}");
  }

  @Test
  void shouldTakeTheClustersNumberAsAnUpperBound() {
    assertThat(
            tool("command: [x]\nconcurrency: {perNode: 8, cluster: 3}").definition().concurrency())
        .isEqualTo(new ToolDefinition.Concurrency(3, 3, 100));
  }

  @Test
  void shouldPutReferencesInPlace() {
    String schema =
        """
        command: [x]
        parameters:
          $defs: {size: {type: integer, minimum: 1}}
          properties:
            width: {$ref: "#/$defs/size"}
            height: {$ref: "#/$defs/size", minimum: 5}
        """;

    assertThat(tool(schema).definition().parameters().getJsonObject("properties").encode())
        .isEqualTo(
            "{\"width\":{\"type\":\"integer\",\"minimum\":1},"
                + "\"height\":{\"minimum\":5,\"allOf\":[{\"type\":\"integer\",\"minimum\":1}]}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "grace: 2s | isolation: confined cannot be given by this node; allowed here: none",
        "isolation: container | isolation: container cannot be given by this node; allowed here: none",
        "isolation: none ;; network: none | network: none cannot be enforced by this node; allowed here: host",
        "isolation: none ;; limits: {memory: 1MiB} | limits.memory cannot be given",
        "isolation: none ;; limits: {cpu: 0.5} | limits.cpu cannot be given",
        "isolation: none ;; limits: {pids: 5} | limits.pids cannot be given",
        "isolation: none ;; limits: {disk: 1GiB} | limits.disk cannot be given",
        "isolation: none ;; pool: {warm: 2} | pool cannot be given",
        "isolation: none ;; scopes: [media] | scopes cannot be given",
      })
  void shouldBeUnavailableForWhatCannotBeHonoured(String lines, String reason) throws IOException {
    program("x", "1");
    Tool tool = tool("command: [x]\n" + lines.replace(" ;; ", "\n"));

    assertThat(tool.availability())
        .isInstanceOfSatisfying(
            Availability.Unavailable.class, why -> assertThat(why.reason()).contains(reason));
    assertThatThrownBy(tool::executableDigest)
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TOOL_UNAVAILABLE));
  }

  @Test
  void shouldFindAProgramByNameOrPath() throws IOException {
    Path program = program("x", "1");
    Files.writeString(directory.resolve("y"), "no program: it may not be executed");

    assertThat(tool("command: [x]\nisolation: none").availability())
        .isEqualTo(new Availability.Available(program));
    assertThat(tool("command: [" + program + "]\nisolation: none").availability())
        .isEqualTo(new Availability.Available(program));
    assertThat(tool("command: [y]\nisolation: none").availability())
        .isInstanceOf(Availability.Unavailable.class);
  }

  @Test
  void shouldHaveAnotherDigestWhenTheFileSaysAnotherThing() {
    Digest digest = tool("command: [x, a]\ngrace: 2s").digest();

    assertThat(tool("grace: 2s\ncommand: [x, a]").digest()).isEqualTo(digest);
    assertThat(tool("command: [x, b]").digest()).isNotEqualTo(digest);
    assertThat(tool("command: [x, a]\nenvironment: {A: b}").digest()).isNotEqualTo(digest);
    assertThat(tool("command: [x, a]\nlimits: {onExceed: truncate}").digest()).isNotEqualTo(digest);
  }

  @Test
  void shouldSeeTheProgramChangeThoughItsSizeAndTimeAreTheSame() throws IOException {
    Path program = program("x", "1");
    FileTime time = Files.getLastModifiedTime(program);
    Tool tool = tool("command: [x]\nisolation: none");
    Digest before = tool.executableDigest();

    program("x", "2");
    Files.setLastModifiedTime(program, time);

    assertThat(tool.executableDigest()).isNotEqualTo(before);
    program("x", "1");
    assertThat(tool.executableDigest()).isEqualTo(before);
  }

  @Test
  void shouldSeeTheProgramReplacedBehindALink() throws IOException {
    program("v1", "1");
    program("v2", "2");
    Files.createSymbolicLink(directory.resolve("x"), Path.of("v1"));
    Tool tool = tool("command: [x]\nisolation: none");
    Digest before = tool.executableDigest();

    Files.createSymbolicLink(directory.resolve("next"), Path.of("v2"));
    Files.move(directory.resolve("next"), directory.resolve("x"), StandardCopyOption.ATOMIC_MOVE);

    assertThat(tool.executableDigest()).isNotEqualTo(before);
  }

  @Test
  void shouldCoverTheFilesThatTheTemplateNamesAndTheProgramsItRequires() throws IOException {
    program("x", "1");
    program("helper", "1");
    Path script = program("script", "1");
    Tool tool =
        tool(
            "command: [x, {if: params.a, then: ["
                + script
                + "]}]\nrequires: [helper]\nisolation: none\n"
                + "parameters: {properties: {a: {type: boolean}}}");
    Digest before = tool.executableDigest();

    program("script", "2");
    Digest afterScript = tool.executableDigest();
    program("helper", "2");
    Digest afterHelper = tool.executableDigest();

    assertThat(List.of(before, afterScript, afterHelper)).doesNotHaveDuplicates();
  }

  @Test
  void shouldTakeAWorkersProgramForTheToolsAndCoverTheFilesThatItsCommandNames()
      throws IOException {
    program("w", "1");
    Path script = program("script", "1");
    Tool tool =
        tool(
            "command: [no-program, a]\nisolation: none\nworker: {protocol: bazel-json,"
                + " command: [w, \""
                + script
                + ":run\"]}");
    Digest before = tool.executableDigest();

    program("script", "2");
    Digest afterScript = tool.executableDigest();
    program("w", "2");
    Digest afterProgram = tool.executableDigest();

    assertThat(List.of(before, afterScript, afterProgram)).doesNotHaveDuplicates();
    assertThat(tool.definition().worker())
        .isNotNull()
        .extracting(ToolDefinition.Worker::command)
        .isEqualTo(List.of("w", script + ":run"));
  }

  @Test
  void shouldLetAParameterOfAWorkersToolBeCalledMultiline() {
    Tool tool =
        tool(
            "command: [x]\nworker: {protocol: bazel-json, command: [w], cancel: true}\nparameters:"
                + " {properties: {multiline: {type: boolean, default: true, enum: [true]}}}");

    assertThat(tool.definition().worker()).isNotNull().matches(ToolDefinition.Worker::cancel);
  }

  @Test
  void shouldSayThatTheProgramIsGone() throws IOException {
    Path program = program("x", "1");
    Tool tool = tool("command: [x]\nisolation: none");
    Digest unused = tool.executableDigest();
    Files.delete(program);

    assertThat(unused).isNotNull();
    assertThatThrownBy(tool::executableDigest)
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TOOL_UNAVAILABLE));
  }

  private Path program(String name, String content) throws IOException {
    Path path = directory.resolve(name);
    Files.writeString(path, "#!/bin/sh\n# " + content + "\n");
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Tool tool(String lines) {
    return Catalog.of(
            TestSettings.in(directory, List.of(directory)),
            Map.of("tool.yaml", "name: tool\n" + lines + "\n"))
        .find("tool")
        .orElseThrow();
  }
}
