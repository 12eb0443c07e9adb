package dev.stoker.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Finding.Severity;
import dev.stoker.cluster.ClusterSettings.Discovery;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.run.ByteSize;
import java.time.Duration;
import java.util.List;

/**
 * What {@code stoker.yaml} says. The shipped file has every key, so a file laid over it ({@link
 * Overlay}) has none that is null.
 */
record StokerFile(
    String data,
    Node node,
    Http http,
    Management management,
    Catalog catalog,
    Limits limits,
    Isolation isolation,
    Check check,
    Processes process,
    Output output,
    Blobs blobs,
    Cache cache,
    Ledger ledger,
    Cluster cluster,
    Telemetry telemetry,
    Log log,
    Audit audit,
    Housekeeping housekeeping) {

  record Node(String name, Integer slots, Integer queue, Duration notice, Duration drain) {}

  record Http(
      String host,
      Integer port,
      Integer connections,
      ByteSize headerBytes,
      ByteSize uriBytes,
      ByteSize jsonBody,
      ByteSize stdin,
      ByteSize blob,
      Duration idle,
      Duration stall,
      Duration waitMax,
      Duration heartbeat,
      Integer followers,
      ByteSize memoRequest,
      ByteSize memo,
      List<String> trustedProxies,
      Tls tls) {}

  record Tls(String certificate, String key, String clientAuthorities, Duration watch) {}

  record Management(String host, Integer port) {}

  record Catalog(String directory, List<String> searchPath, Duration watch) {}

  record Limits(
      Time timeout,
      Time grace,
      Count perNode,
      Count queue,
      Size stdout,
      Size stderr,
      Size inputSize,
      Size outputSize,
      Time cacheTtl,
      Size memory,
      Share cpu,
      Count pids,
      Size disk,
      Count openFiles,
      Size fileSize) {}

  record Time(@JsonProperty("default") Duration byDefault, Duration max) {}

  record Count(@JsonProperty("default") Integer byDefault, Integer max) {}

  record Share(@JsonProperty("default") Double byDefault, Double max) {}

  record Size(@JsonProperty("default") ByteSize byDefault, ByteSize max) {}

  record Isolation(
      List<String> readable,
      String cgroup,
      ByteSize temporary,
      Integer warm,
      ByteSize warmMemory) {}

  record Check(
      Policy policy,
      Policy catalog,
      Severity severity,
      String shellcheck,
      String python,
      Duration timeout,
      ByteSize scriptSize,
      Integer atOnce,
      Integer waitingMax) {}

  record Processes(EngineChoice engine, Integer spawnThreads, Duration drain) {}

  record Output(ByteSize memory, ByteSize window) {}

  record Blobs(Duration maxAge, ByteSize maxSize) {}

  record Cache(ByteSize maxSize, ByteSize clusterMaxSize, Duration clockSkew) {}

  record Ledger(
      Integer keepRuns,
      Duration keepFor,
      Integer waitingMax,
      Boolean syncWithoutStore,
      String url,
      String user,
      String password,
      Integer connections,
      Duration lease) {}

  record Cluster(
      String file,
      String name,
      String secret,
      String bind,
      Integer port,
      Integer busPort,
      List<String> members,
      Discovery discovery,
      Kubernetes kubernetes,
      Integer minimumMembers,
      Duration heartbeat,
      Duration silence) {}

  record Kubernetes(String dns, String namespace, String service) {}

  record Log(
      LogSettings.Format format,
      LogSettings.Level level,
      LogSettings.Runs runs,
      Boolean requests) {}

  record Audit(
      Boolean enabled,
      String file,
      ByteSize maxSize,
      Duration maxAge,
      Integer keep,
      Duration sync,
      Integer waitingMax,
      Boolean hits,
      Boolean required) {}

  record Housekeeping(Duration every) {}

  record Telemetry(Traces traces) {}

  record Traces(
      String endpoint,
      Double ratio,
      String headersFile,
      Integer queue,
      Duration every,
      Duration timeout,
      Duration flush) {}
}
