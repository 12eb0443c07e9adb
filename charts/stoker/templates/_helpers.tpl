{{- define "stoker.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Short enough for what is added to it: "-headless", and a pod's number. */}}
{{- define "stoker.fullname" -}}
{{- $name := include "stoker.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "stoker.headless" -}}
{{ include "stoker.fullname" . }}-nodes
{{- end }}

{{- define "stoker.selector" -}}
app.kubernetes.io/name: stoker
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "stoker.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "stoker.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ include "stoker.name" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Of a list: the root, an object's name, its own labels and its own annotations. */}}
{{- define "stoker.metadata" -}}
{{- $root := index . 0 -}}
name: {{ index . 1 }}
{{- if ge (len .) 5 }}
{{- else }}
namespace: {{ $root.Release.Namespace }}
{{- end }}
labels:
  {{- $own := dict }}
  {{- if ge (len .) 3 }}{{ $own = index . 2 | default dict }}{{ end }}
  {{- merge (deepCopy $own) (fromYaml (include "stoker.labels" $root)) | toYaml | nindent 2 }}
{{- $more := dict }}
{{- if ge (len .) 4 }}{{ $more = index . 3 | default dict }}{{ end }}
{{- with merge (deepCopy $more) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "stoker.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "stoker.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- define "stoker.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* A duration such as 1500ms, 30s, 5m, 1h or 1d, in seconds; a part of one is one. */}}
{{- define "stoker.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int -}}
{{- if hasSuffix "ms" . -}}{{ div (add $number 999) 1000 }}
{{- else if hasSuffix "d" . -}}{{ mul $number 86400 }}
{{- else if hasSuffix "h" . -}}{{ mul $number 3600 }}
{{- else if hasSuffix "m" . -}}{{ mul $number 60 }}
{{- else -}}{{ $number }}
{{- end -}}
{{- end }}

{{/* Of a size such as 4Gi, 512M or 1GiB, its MiB; a part of one is none. */}}
{{- define "stoker.mebibytes" -}}
{{- $number := regexFind "^[0-9.]+" . | float64 -}}
{{- $unit := regexFind "[A-Za-z]*$" . | trimSuffix "B" -}}
{{- $bytes := get (dict "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0) $unit | default 1.0 -}}
{{- divf (mulf $number $bytes) 1048576.0 | floor | int64 -}}
{{- end }}

{{/* Of a list: sections of conf/stoker.yaml, a key such as limits.grace.max, and what it is where it is not said. */}}
{{- define "stoker.configured" -}}
{{- $at := index . 0 -}}
{{- range $key := splitList "." (index . 1) -}}
{{- if kindIs "map" $at }}{{ $at = get $at $key }}{{ else }}{{ $at = "" }}{{ end -}}
{{- end -}}
{{- kindIs "invalid" $at | ternary "" (toString $at) | default (index . 2) -}}
{{- end }}

{{/* What is left after the drain is told to end, and killed after its grace: at most limits.grace.max. */}}
{{- define "stoker.grace" -}}
{{- $kill := include "stoker.configured" (list .Values.config "limits.grace.max" "60s") -}}
{{- add (include "stoker.seconds" .Values.node.notice | int) (include "stoker.seconds" .Values.node.drain | int) (include "stoker.seconds" $kill | int) .Values.node.leaveSeconds -}}
{{- end }}

{{/* What is there is kept: without the field, or with the API's default of 1 for it, a switch to autoscaling would delete
     pods. Where no API can be asked (helm template) there is no field: each rendering would undo the autoscaler's number. */}}
{{- define "stoker.replicas" -}}
{{- $name := include "stoker.fullname" . -}}
{{- if not (include "stoker.scaled" .) -}}
{{ .Values.replicas | int }}
{{- else -}}
{{- $sets := lookup "apps/v1" "StatefulSet" .Release.Namespace "" -}}
{{- if $sets -}}
{{- $replicas := .Values.autoscaling.minReplicas | int -}}
{{- range $sets.items -}}
{{- if and (eq .metadata.name $name) (hasKey .spec "replicas") }}{{ $replicas = int .spec.replicas }}{{ end -}}
{{- end -}}
{{ $replicas }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What pods read once, from Secrets that the chart makes. Nothing, where others make them. */}}
{{- define "stoker.secrets" -}}
{{- if and .Values.cluster.enabled .Values.cluster.secret.value (not .Values.cluster.secret.existingSecret) -}}
{{ .Values.cluster.secret.value | quote }}
{{- end -}}
{{- if and .Values.postgresql.enabled (not .Values.postgresql.existingSecret) -}}
{{ list .Values.postgresql.user .Values.postgresql.password | toJson }}
{{- end -}}
{{- end }}

{{- define "stoker.scaled" -}}
{{- if ne .Values.autoscaling.type "none" }}true{{ end -}}
{{- end }}

{{- define "stoker.fewest" -}}
{{- if include "stoker.scaled" . }}{{ .Values.autoscaling.minReplicas | int }}{{ else }}{{ .Values.replicas | int }}{{ end -}}
{{- end }}

{{- define "stoker.most" -}}
{{- if include "stoker.scaled" . }}{{ .Values.autoscaling.maxReplicas | int }}{{ else }}{{ .Values.replicas | int }}{{ end -}}
{{- end }}

{{/* With PostgreSQL the store decides; without it no two sides of a split may both have so many. */}}
{{- define "stoker.minimumMembers" -}}
{{- if .Values.cluster.minimumMembers -}}
{{ .Values.cluster.minimumMembers | int }}
{{- else if .Values.postgresql.enabled -}}
{{ add (div (include "stoker.fewest" . | int) 2) 1 }}
{{- else -}}
{{ add (div (include "stoker.most" . | int) 2) 1 }}
{{- end -}}
{{- end }}

{{- define "stoker.ownCatalog" -}}
{{- if or .Values.tools.entries .Values.tools.configMaps }}true{{ end -}}
{{- end }}

{{- define "stoker.databaseSecret" -}}
{{ .Values.postgresql.existingSecret | default (printf "%s-postgresql" (include "stoker.fullname" .)) }}
{{- end }}

{{- define "stoker.clusterSecret" -}}
{{ .Values.cluster.secret.existingSecret | default (printf "%s-cluster" (include "stoker.fullname" .)) }}
{{- end }}

{{/* conf/stoker.yaml: what the chart knows, and over it what the operator says. */}}
{{- define "stoker.configuration" -}}
{{- $chart := dict
      "node" (dict "slots" (int .Values.node.slots) "queue" (int .Values.node.queue) "notice" .Values.node.notice "drain" .Values.node.drain)
      "http" (dict "host" "0.0.0.0" "port" 8080)
      "management" (dict "host" "0.0.0.0" "port" 8081)
-}}
{{- if .Values.tls.existingSecret }}
{{- $_ := set $chart.http "tls" (dict "certificate" "/etc/stoker/tls/tls.crt" "key" "/etc/stoker/tls/tls.key") }}
{{- end }}
{{- if .Values.cluster.enabled }}
{{- $name := .Values.cluster.name | default (printf "%s-%s" .Release.Namespace .Release.Name) }}
{{- $_ := set $chart "cluster" (dict "name" $name "port" 5701 "busPort" 5702 "discovery" "kubernetes" "minimumMembers" (include "stoker.minimumMembers" . | int)) }}
{{- if eq .Values.cluster.discovery "dns" }}
{{- $_ := set $chart.cluster "kubernetes" (dict "dns" (printf "%s.%s.svc" (include "stoker.headless" .) .Release.Namespace)) }}
{{- else }}
{{- $_ := set $chart.cluster "kubernetes" (dict "namespace" .Release.Namespace "service" (include "stoker.headless" .)) }}
{{- end }}
{{- if .Values.cluster.zoneAware }}
{{- $_ := set $chart.cluster "file" "/etc/stoker/conf/cluster.xml" }}
{{- end }}
{{- end }}
{{- if .Values.postgresql.enabled }}
{{- $url := printf "jdbc:postgresql://%s:%d/%s" .Values.postgresql.host (int .Values.postgresql.port) .Values.postgresql.database }}
{{- with .Values.postgresql.parameters }}{{ $url = printf "%s?%s" $url . }}{{ end }}
{{- $_ := set $chart "ledger" (dict "url" $url) }}
{{- end }}
{{- mergeOverwrite $chart (deepCopy .Values.config) | toYaml }}
{{- end }}
