package dev.stoker.chart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What operators may say: every value that switches something, alone and with those it meets. */
final class ValueSets {
  private static final String DATABASE =
      "postgresql.enabled=true,postgresql.host=db.data,postgresql.existingSecret=db";
  private static final String ZONES =
      "cluster.discovery=api,cluster.zoneAware=true,topologySpread.zones=DoNotSchedule";
  private static final String HPA = "autoscaling.type=hpa";
  private static final String KEDA =
      "autoscaling.type=keda,autoscaling.keda.serverAddress=http://prometheus:9090";
  private static final String LONE = "cluster.enabled=false,replicas=1";
  private static final String TOOLS =
      "tools.entries.hello=name: hello\ncommand: [echo\\, hello]\n,tools.configMaps={more,others}";
  private static final String MONITORING =
      "metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,"
          + "metrics.dashboard.enabled=true";

  private ValueSets() {}

  /** By name; each is one value of {@code --set}. */
  static Map<String, String> alone() {
    Map<String, String> sets = new LinkedHashMap<>();
    sets.put("defaults", "");
    sets.put("names", "nameOverride=tooling,commonLabels.team=a,commonAnnotations.mail=a@b");
    sets.put("full name", "fullnameOverride=grinder");
    sets.put("digest", "image.digest=sha256:" + "0a".repeat(32));
    sets.put("registry", "image.repository=r.example:5000/a/stoker,imagePullSecrets[0].name=r");
    sets.put("one replica", "replicas=1");
    sets.put("alone", LONE);
    sets.put("api discovery", "cluster.discovery=api");
    sets.put("api discovery, rights by others", "cluster.discovery=api,rbac.create=false");
    sets.put("zones", ZONES);
    sets.put("cluster name", "cluster.name=media,cluster.minimumMembers=3");
    sets.put("cluster secret", "cluster.secret.value=a-secret");
    sets.put("cluster secret of others", "cluster.secret.existingSecret=s,cluster.secret.key=k");
    sets.put("postgresql", DATABASE);
    sets.put(
        "postgresql, with a password",
        "postgresql.enabled=true,postgresql.host=db,postgresql.user=u,postgresql.password=p,"
            + "postgresql.parameters=sslmode=verify-full&tcpKeepAlive=true");
    sets.put("no volume", "persistence.enabled=false");
    sets.put(
        "volume",
        "persistence.storageClass=fast,persistence.whenScaled=Delete,persistence.annotations.a=b");
    sets.put("tools", TOOLS);
    sets.put("only ConfigMaps", "tools.configMaps={more}");
    sets.put("secrets of tools", "tools.secrets[0].name=token");
    sets.put("tls", "tls.existingSecret=stoker-tls");
    sets.put("node port", "service.type=NodePort,service.nodePort=30080");
    sets.put(
        "load balancer",
        "service.type=LoadBalancer,service.externalTrafficPolicy=Local,service.annotations.a=b");
    sets.put("near first", "service.trafficDistribution=PreferSameZone");
    sets.put(
        "ingress",
        "ingress.enabled=true,ingress.className=nginx,ingress.hosts={a.example},"
            + "ingress.tls[0].secretName=c,ingress.tls[0].hosts={a.example}");
    sets.put(
        "route",
        "httpRoute.enabled=true,httpRoute.parentRefs[0].name=g,"
            + "httpRoute.parentRefs[0].namespace=gateways,httpRoute.hostnames={a.example}");
    sets.put("hpa", HPA);
    sets.put("keda", KEDA + ",autoscaling.keda.authenticationRef=prometheus");
    sets.put("no budget", "podDisruptionBudget.enabled=false");
    sets.put("not spread", "topologySpread.enabled=false");
    sets.put("runtime", "runtimeClassName=gvisor,priorityClassName=high");
    sets.put(
        "machines",
        "nodeSelector.disk=ssd,tolerations[0].key=tools,tolerations[0].operator=Exists,"
            + "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
            + ".topologyKey=kubernetes.io/hostname");
    sets.put("labels", "podLabels.sidecar=no,podAnnotations.scrape=no");
    sets.put("seccomp", "podSecurity.seccomp=Localhost,podSecurity.localhostProfile=stoker.json");
    sets.put("account of others", "serviceAccount.create=false,serviceAccount.name=runner");
    sets.put("no network policy", "networkPolicy.enabled=false");
    sets.put(
        "strict network policy",
        "networkPolicy.httpFrom[0].podSelector.matchLabels.role=caller,"
            + "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring,"
            + "networkPolicy.extraEgress[0].ports[0].port=443,"
            + "networkPolicy.extraIngress[0].ports[0].port=http");
    sets.put("monitoring", MONITORING + ",metrics.prometheusRule.runbooks=https://wiki/stoker/");
    sets.put("traces", "otlp.endpoint=http://collector.obs:4318");
    sets.put(
        "configuration",
        "config.http.idle=30s,config.limits.timeout.max=2h,config.node.name=grinder,"
            + "config.limits.grace.max=2m");
    sets.put("small runs", "node.slots=16,config.limits.memory.default=256MiB,javaOpts=-Xmx2048m");
    sets.put("more than there is", "node.slots=64,node.overcommit=true");
    sets.put("no limit", "node.slots=64,resources.limits=null");
    sets.put(
        "extras",
        "extraEnv[0].name=A,extraEnv[0].value=b,extraEnvFrom[0].configMapRef.name=e,"
            + "extraVolumes[0].name=v,extraVolumes[0].configMap.name=c,"
            + "extraVolumeMounts[0].name=v,extraVolumeMounts[0].mountPath=/v,"
            + "extraContainers[0].name=side,extraContainers[0].image=side:1,"
            + "extraInitContainers[0].name=init,extraInitContainers[0].image=init:1");
    return sets;
  }

  /** Those where one has a say in what the other makes. */
  static Map<String, String> together() {
    Map<String, String> sets = new LinkedHashMap<>();
    String many = ",autoscaling.minReplicas=2,autoscaling.maxReplicas=20";
    sets.put("hpa and postgresql", HPA + many + "," + DATABASE);
    sets.put("keda and postgresql", KEDA + many + "," + DATABASE);
    sets.put("hpa and zones", HPA + "," + ZONES);
    sets.put("keda and zones", KEDA + "," + ZONES);
    sets.put("postgresql and no volume", DATABASE + ",persistence.enabled=false");
    sets.put("postgresql and zones", DATABASE + "," + ZONES);
    sets.put("alone and postgresql", LONE + "," + DATABASE);
    sets.put("alone and api discovery", LONE + ",cluster.discovery=api");
    sets.put("alone and a secret", LONE + ",cluster.secret.value=s");
    sets.put("alone and monitoring", LONE + "," + MONITORING);
    sets.put(
        "tls and ingress",
        "tls.existingSecret=c,ingress.enabled=true,ingress.hosts={a.example},config.http.idle=9s");
    sets.put("alone and tools", LONE + "," + TOOLS);
    sets.put("api and traces, policy", "cluster.discovery=api,otlp.endpoint=https://c");
    sets.put(
        "api discovery, policy and postgresql",
        "cluster.discovery=api,networkPolicy.apiServerTo[0].ipBlock.cidr=10.0.0.1/32,"
            + "networkPolicy.postgresqlTo[0].ipBlock.cidr=10.0.0.2/32,"
            + DATABASE);
    sets.put(
        "full name and all that names things",
        "fullnameOverride=grinder,ingress.enabled=true,ingress.hosts={a.example},"
            + String.join(",", List.of(KEDA, ZONES, MONITORING)));
    sets.put("account of others and zones", "serviceAccount.create=false," + ZONES);
    sets.put("all, by hpa", everything(HPA));
    sets.put("all, by keda", everything(KEDA));
    return sets;
  }

  private static String everything(String scaling) {
    List<String> all = new ArrayList<>();
    List<String> others =
        List.of(
            "defaults",
            "one replica",
            "alone",
            "full name",
            "api discovery, rights by others",
            "cluster secret of others",
            "postgresql, with a password",
            "no volume",
            "hpa",
            "keda",
            "only ConfigMaps",
            "load balancer",
            "no budget",
            "not spread",
            "account of others",
            "no network policy",
            "api discovery");
    alone()
        .forEach(
            (name, set) -> {
              if (!others.contains(name)) {
                all.add(set);
              }
            });
    all.add(scaling);
    return String.join(",", all);
  }
}
