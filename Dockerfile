# Stoker's image. docs/adr/image.md says why it is so; bin/image builds it without a registry and tries it.
#
#   mvn -DskipTests package && docker build -t stoker .                      the service
#   mvn -DskipTests package && docker build -t stoker --target=stoker-tools .  and Debian's tools of the shipped catalog
#
# The jar is the one that the tests have run with: it is built outside, and so is its list of parts (the SBOM).
ARG BASE=debian:12-slim
ARG JDK=eclipse-temurin:25-jdk

# ---- The run-time: of the JDK only the modules that are needed. ImageModulesIT holds the list to what the jar uses.
FROM ${JDK} AS jdk
ARG MODULES=java.base,java.compiler,java.desktop,java.naming,java.net.http,java.scripting,java.security.jgss,java.sql,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported
RUN jlink --add-modules "${MODULES}" --strip-java-debug-attributes --no-header-files --no-man-pages --output /opt/java

# ---- The installation, of which nothing is changed after the build.
FROM ${BASE} AS installed
RUN apt-get -qq update \
  && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends bubblewrap ca-certificates >/dev/null \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
  && groupadd -g 10001 stoker \
  && useradd -u 10001 -g 10001 -M -d /var/lib/stoker -s /usr/sbin/nologin stoker \
  && install -d -o 10001 -g 10001 -m 750 /var/lib/stoker
COPY --from=jdk /opt/java /opt/java
COPY LICENSE /usr/share/doc/stoker/LICENSE
COPY conf/image.yaml /etc/stoker/conf/stoker.yaml
COPY cluster.xml /opt/stoker/cluster.xml
COPY bin/stoker bin/launch bin/train /opt/stoker/bin/
COPY conf/stoker.yaml /opt/stoker/conf/stoker.yaml
COPY conf/tools /opt/stoker/conf/tools
COPY lib /opt/stoker/lib
COPY target/stoker-sbom.json /opt/stoker/stoker-sbom.json
COPY target/stoker.jar /opt/stoker/target/stoker.jar
ENV STOKER_JAVA_HOME=/opt/java

# ---- A short run of this very jar, JVM and path makes what a node starts faster from: alone, and in a cluster.
FROM installed AS trained
RUN /opt/stoker/bin/train alone cluster \
  && jar=/opt/stoker/target/stoker.jar \
  && echo "$(stat -c %s:%Y "$jar") $(sha256sum "$jar" | cut -d' ' -f1)" >/opt/stoker/target/aot/sealed \
  && rm -f /opt/stoker/target/aot/jar

FROM installed AS stoker
COPY --from=trained /opt/stoker/target/aot /opt/stoker/target/aot
# Whoever builds adds what differs from build to build: --label org.opencontainers.image.{version,revision,created}=.
LABEL org.opencontainers.image.title="Stoker" \
  org.opencontainers.image.description="Command-line tools run as a clustered service" \
  org.opencontainers.image.licenses="Apache-2.0" \
  stoker.sbom="/opt/stoker/stoker-sbom.json"
USER 10001:10001
WORKDIR /var/lib/stoker
VOLUME /var/lib/stoker
EXPOSE 8080 8081 5701 5702
STOPSIGNAL SIGTERM
# bin/stoker becomes the JVM, which is process 1: it takes signals, and reaps what is orphaned to it.
ENTRYPOINT ["/opt/stoker/bin/stoker"]
CMD ["serve", "--config=/etc/stoker/conf/stoker.yaml", "--data=/var/lib/stoker"]

# ---- With what the shipped catalog runs, and what the static check and Python workers need.
FROM stoker AS stoker-tools
ARG TOOLS="ffmpeg imagemagick pandoc gawk python3 shellcheck"
USER root
RUN apt-get -qq update \
  && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends ${TOOLS} >/dev/null \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
USER 10001:10001

# Without --target it is the service alone.
FROM stoker
