package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each mistake that a file can have is refused with its place and what is allowed. */
class BadCatalogTest {
  private static final CatalogSettings SETTINGS = TestSettings.in(Path.of("none"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // keys and values
        "comand: [a] | comand | allowed: cache, check, command, concurrency",
        "name: other | name | must be in the file other.yaml",
        "name: Tool | name | a lower-case letter",
        "stdin: maybe | stdin | allowed: none, optional, required",
        "isolation: jail | isolation | allowed: confined, container, function, none",
        "network: some | network | allowed: none, host",
        "onDisconnect: stay | onDisconnect | allowed: cancel, continue",
        "grace: 5 | grace | a whole number and ms, s, m, h or d",
        "command: true | command | a list whose first element is the program",
        "command: [] | command | a list whose first element is the program",
        // limits
        "timeout: {max: 2h} | timeout.max | at most 1h",
        "timeout: {default: 2h} | timeout.default | at most 1h",
        "timeout: {default: 5m, max: 1m} | timeout.default | at most 1m",
        "timeout: {default: 0s} | timeout.default | longer than zero",
        "timeout: 60s | timeout | a map with the keys default, max",
        "grace: 31s | grace | at most 30s",
        "concurrency: {perNode: 0} | concurrency.perNode | allowed: 1 to 64",
        "concurrency: {perNode: 65} | concurrency.perNode | allowed: 1 to 64",
        "concurrency: {queue: 10001} | concurrency.queue | allowed: 0 to 10000",
        "concurrency: {cluster: 0} | concurrency.cluster | at least 1",
        "limits: {stdout: 65MiB} | limits.stdout | at most 64MiB",
        "limits: {stderr: 1TiB} | limits.stderr | at most 64MiB",
        "limits: {stdout: lots} | limits.stdout | KiB, MiB, GiB",
        "limits: {onExceed: explode} | limits.onExceed | kill, truncate",
        "limits: {memory: 0} | limits.memory | allowed: 1B to",
        "limits: {cpu: 0} | limits.cpu | allowed: 0.01 to",
        "limits: {openFiles: 2} | limits.openFiles | allowed: 8 to",
        "limits: {fileSize: 0} | limits.fileSize | allowed: 1B to",
        "readable: [etc] | readable[0] | an absolute path",
        "readable: [/a/../b] | readable[0] | without ..",
        "isolation: function | module | must be given",
        "module: /a.wasm | module | belongs to isolation: function",
        "worker: {protocol: bazel-json, multiplex: 0} | worker.multiplex | allowed: 1 to 64",
        "worker: {protocol: bazel-json} | worker.command | whose first element is the program",
        "worker: {protocol: bazel-json, command: []} | worker.command | must be given",
        "worker: {protocol: bazel-json, command: [w, '${params.x}']} | worker.command[1] | fixed text",
        "worker: {protocol: bazel-json, command: [w, \"a\\tb\"]} | worker.command[1] | control characters",
        "worker: {protocol: bazel-json, command: [w]} ;; stdin: optional | stdin | does not go with worker",
        "worker: {protocol: bazel-json, command: [w]} ;; parameters: {properties: {a: {type: array, items: {type: string, multiline: true}}}} | parameters.properties.a.items.multiline | allowed: false",
        "worker: {protocol: bazel-json, command: [w]} ;; environment: {A: '${params.x}'} ;; parameters: {properties: {x: {type: string, default: a}}} | environment.A | fixed text",
        "trace: yes please | trace | true or false",
        "trace: true ;; worker: {protocol: bazel-json, command: [w]} | trace | does not go with worker",
        "trace: true ;; environment: {TRACEPARENT: a} | environment.TRACEPARENT | is set by trace",
        "trace: true ;; environment: {TRACESTATE: a} | environment.TRACESTATE | leave it out",
        "check: perl | check | allowed: shell, python",
        "limits: {pids: 0} | limits.pids | allowed: 1 to",
        "cache: {ttl: 0s} | cache.ttl | longer than zero",
        "cache: {ttl: 31d} | cache.ttl | at most 30d",
        "retry: {on: [lost]} | retry.attempts | must be given; allowed: 1 (never again) to 10",
        "retry: {attempts: 11} | retry.attempts | 1 (never again) to 10",
        "retry: {attempts: 2, on: [never]} | retry.on[0] | lost, failed, sandbox_failed",
        "pool: {warm: -1} | pool.warm | allowed: 0 to 64",
        "worker: {max: 1} | worker.protocol | bazel-json",
        "worker: {protocol: grpc} | worker.protocol | bazel_json",
        "scopes: [a b] | scopes[0] | letters, digits",
        // files
        "inputs: {a b: {}} | inputs.a b | a letter, then",
        "inputs: {a: {maxSize: 5GiB}} | inputs.a.maxSize | at most 4GiB",
        "inputs: {a: {mediaType: png}} | inputs.a.mediaType | type/subtype",
        "inputs: {a: {path: x}} | inputs.a.path | allowed: check, description, maxSize, mediaType, required",
        "outputs: {a: {maxSize: 5GiB}} | outputs.a.maxSize | at most 4GiB",
        "outputs: {a: {path: /etc/x}} | outputs.a.path | relative, without ..",
        "outputs: {a: {path: ../x}} | outputs.a.path | relative, without ..",
        "outputs: {a: {path: x/../y}} | outputs.a.path | relative, without ..",
        "outputs: {a: {path: ./x}} | outputs.a.path | relative, without ..",
        "outputs: {a: {path: x/}} | outputs.a.path | relative, without ..",
        "outputs: {a: {path: -x}} | outputs.a.path | do not begin with -",
        "outputs: {a: {path: d/-x}} | outputs.a.path | do not begin with -",
        "outputs: {a: {path: \"a\\nb\"}} | outputs.a.path | no control character",
        "outputs: {a: {path: x}, b: {path: x}} | outputs.b.path | collides with 'x'",
        "outputs: {a: {path: x}, b: {path: x/y}} | outputs.b.path | collides with 'x'",
        "outputs: {a: {path: v}} ;; inputs: {v: {}} | outputs.a.path | collides with 'v'",
        "inputs: {n: {}} ;; parameters: {properties: {n: {type: string}}} | inputs.n | name of a parameter",
        // environment
        "environment: {LD_PRELOAD: x} | environment.LD_PRELOAD | LD_ or STOKER_",
        "environment: {STOKER_X: x} | environment.STOKER_X | LD_ or STOKER_",
        "environment: {HOME: /root} | environment.HOME | work directory",
        "environment: {a-b: x} | environment.a-b | a letter or _",
        "environment: {A: 5} | environment.A | text",
        "environment: {A: \"${params.x}\"} | environment.A | params.x is not declared; declared: none",
        // the command's form
        "command: [a, 5] | command[1] | write it in quotes",
        "command: [a, true] | command[1] | write it in quotes",
        "command: [a, [b]] | command[1] | {if: …, then: […], else: […]}",
        "command: [a, {unless: x}] | command[1] | {if: …, then: […], else: […]}",
        "command: [a, {if: params.x, them: [b]}] | command[1].them | allowed: else, if, then",
        "command: [a, {each: params.x, else: []}] | command[1].else | allowed: each, then",
        "command: [a, {if: x, then: []}] | command[1].if | params.<name>, inputs.<name>",
        "command: [a, {if: outputs.x, then: []}] | command[1].if | params.<name>, inputs.<name>",
        "command: [a, {if: {params.x: [1]}, then: []}] | command[1].if.params.x | text, a number",
        "command: [a, {if: params.x}] | command[1].then | must be a list",
        "command: [a, \"${x}\"] | command[1] | ${params.<name>}",
        "command: [a, \"${params.x\"] | command[1] | ${params.<name>}",
        "command: [a, \"${params.x.y}\"] | command[1] | ${params.<name>}",
        "command: [\"${params.x}\"] | command[0] | the program itself",
        "command: [{if: params.x, then: [a]}] | command[0] | the program itself",
        "command: [./run.sh] | command[0] | a program's name or an absolute path",
        "command: [-rf] | command[0] | a program's name or an absolute path",
        "requires: [../x] | requires[0] | a program's name or an absolute path",
        // the command's names
        "command: [a, b, c, \"${params.x}\"] | command[3] | params.x is not declared; declared: none",
        "command: [a, \"${inputs.x}\"] | command[1] | inputs.x is not declared",
        "command: [a, \"${outputs.x}\"] | command[1] | outputs.x is not declared",
        "command: [a, {if: params.x, then: []}] | command[1].if | params.x is not declared",
        "command: [a, {each: params.x, then: []}] | command[1].each | params.x is not declared",
        "command: [a, \"${item}\"] | command[1] | outside of an each",
        "command: [a, \"${inputs.f}\"] ;; inputs: {f: {required: false}} | command[1] | {if: inputs.f, then: […]}",
      })
  void shouldRefuse(String lines, String path, String words) {
    assertRefused(lines, path, words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "5 | parameters | a JSON Schema of type object",
        "{type: array} | parameters.type | must be object",
        "{$schema: \"http://json-schema.org/draft-07/schema#\"} | parameters.$schema | 2020-12",
        "{properties: []} | parameters.properties | JSON Schema 2020-12",
        "{properties: {a: {type: strong}}} | parameters.properties.a.type | JSON Schema 2020-12",
        "{properties: {a: {minimum: x}}} | parameters.properties.a.minimum | JSON Schema 2020-12",
        "{properties: {a: {minimun: 1}}} | parameters.properties.a.minimun | is not a keyword here",
        "{properties: {a: {$id: x}}} | parameters.properties.a.$id | is not a keyword here",
        "{properties: {a: {format: colour}}} | parameters.properties.a.format | date-time",
        "{properties: {a: {pattern: \"[\"}}} | parameters.properties.a.pattern | regex",
        "{patternProperties: {\"(\": {}}} | parameters.patternProperties.( | regex",
        "{properties: {a: {type: string}}, allOf: [{properties: {a: {writeOnly: true}}}]} | parameters.writeOnly | allowed: within parameters.properties",
        "{properties: {a: {writeOnly: 1}}} | parameters.properties.a.writeOnly | JSON Schema 2020-12",
        "{properties: {a: {multiline: 1}}} | parameters.properties.a.multiline | true or false",
        "{properties: {a: {maxItems: 9999999999}}} | parameters.properties.a.maxItems | at most 2147483647",
        "{properties: {a.b: {}}} | parameters.properties.a.b | a letter, then letters",
        "{properties: {a: {$ref: \"http://x/y\"}}} | parameters.properties.a.$ref | outside this file",
        "{properties: {a: {$ref: \"other.yaml\"}}} | parameters.properties.a.$ref | outside this file",
        "{properties: {a: {$ref: \"#/$defs/no\"}}} | parameters.properties.a.$ref | is not in this file",
        "{$defs: {a: {items: {$ref: \"#/$defs/a\"}}}, properties: {a: {$ref: \"#/$defs/a\"}}} | parameters.properties.a.$ref.items.$ref | refers to itself",
        "{properties: {a: {type: integer, default: x}}} | parameters.properties.a.default | a whole number",
        "{properties: {a: {type: string, default: \"a\\nb\"}}} | parameters.properties.a.default | U+000A",
      })
  void shouldRefuseASchema(String schema, String path, String words) {
    assertRefused("parameters: " + schema, path, words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"${params.opt}\" | command[1] | params.opt may be absent",
        "{if: params.flag, then: [\"${params.opt}\"]} | command[1].then[0] | params.opt may be absent",
        "{if: params.opt, then: [], else: [\"${params.opt}\"]} | command[1].else[0] | may be absent",
        "\"${params.null}\" | command[1] | params.null may be absent",
        "\"${params.list}\" | command[1] | {each: params.list, then: […]}",
        "\"${params.map}\" | command[1] | string, integer, number, boolean, enum",
        "\"${params.any}\" | command[1] | string, integer, number, boolean, enum",
        "{each: params.text, then: []} | command[1].each | is not an array",
        "{each: params.maps, then: []} | command[1].each | is not an array",
        "{each: params.list, then: [{each: params.list, then: []}]} | command[1].then[0].each | in another each",
        "{if: {params.pick: c}, then: []} | command[1].if | params.pick is never 'c'; allowed: a, b",
        "\"${params.dash}\" | parameters.properties.dash.default | begins with '-'",
      })
  void shouldRefuseATemplate(String element, String path, String words) {
    String properties =
        """
        parameters:
          properties:
            opt: {type: string}
            flag: {type: boolean}
            "null": {type: [string, "null"], default: x}
            list: {type: array, items: {type: string}}
            maps: {type: array, items: {type: object}}
            map: {type: object}
            any: {default: x}
            text: {type: string, default: x}
            pick: {enum: [a, b]}
            dash: {type: string, default: -x}
        """;
    assertRefused("command: [a, " + element + "]\n" + properties, path, words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[sh, -c, \"echo ${params.x}\"] | command[2]",
        "[/bin/bash, -ec, \"${params.x}\"] | command[2]",
        "[env, sh, -c, \"${params.x}\"] | command[3]",
      })
  void shouldRefuseAValueInAShellsScript(String command, String path) {
    String lines =
        "command: " + command + "\nparameters: {properties: {x: {type: string, default: a}}}";
    assertRefused(lines, path, "would be read as code");
  }

  @Test
  void shouldTellAllMistakesOfAllFiles() {
    Map<String, String> files =
        Map.of(
            "a.yaml", "name: a\ncommand: [a]\ngrace: 1h\nlimits: {stdout: 1TiB}\n",
            "b.yaml", "name: b\ncommand: [",
            "c.yaml", "name: c\ncommand: [c]\n");

    CatalogException refused =
        catchThrowableOfType(CatalogException.class, () -> Catalog.of(SETTINGS, files));

    assertThat(refused.problems())
        .extracting(CatalogProblem::file, CatalogProblem::path)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a.yaml", "grace"),
            org.assertj.core.groups.Tuple.tuple("a.yaml", "limits.stdout"),
            org.assertj.core.groups.Tuple.tuple("b.yaml", ""));
    assertThat(refused).hasMessageContaining("a.yaml: grace: 1h is more than this node allows");
  }

  @Test
  void shouldNotTakeOneMistakeForAnother() {
    String yaml =
        "name: Wrong\ncommand: [a, \"${params.x}\"]\n"
            + "parameters: {properties: {x: {type: string}}, required: [x]}\n";

    CatalogException refused =
        catchThrowableOfType(
            CatalogException.class, () -> Catalog.of(SETTINGS, Map.of("tool.yaml", yaml)));

    assertThat(refused.problems()).extracting(CatalogProblem::path).containsExactly("name");
  }

  @Test
  void shouldSayThatThereIsNoDirectory(@TempDir Path directory) {
    assertThatThrownBy(
            () -> Catalog.open(TestSettings.in(directory.resolve("no")), Abilities.bare()))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("is not a directory");
  }

  private static void assertRefused(String lines, String path, String words) {
    String body = lines.replace(" ;; ", "\n");
    String yaml =
        (body.startsWith("name:") ? "" : "name: tool\n")
            + (body.contains("command:") ? "" : "command: [a]\n")
            + body
            + "\n";

    CatalogException refused =
        catchThrowableOfType(
            CatalogException.class, () -> Catalog.of(SETTINGS, Map.of("tool.yaml", yaml)));

    assertThat(refused).as(yaml).isNotNull();
    assertThat(refused.problems())
        .as(yaml)
        .anySatisfy(
            problem -> {
              assertThat(problem.file()).isEqualTo("tool.yaml");
              assertThat(problem.path()).isEqualTo(path);
              assertThat(problem.message()).contains(words);
            });
  }
}
