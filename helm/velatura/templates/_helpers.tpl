{{- define "velatura.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- /* The release's name once, also when it is called like the chart. */ -}}
{{- define "velatura.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "velatura.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "velatura.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What never changes of an object: its selector. Takes a dict of root and component. */ -}}
{{- define "velatura.selectorLabels" -}}
app.kubernetes.io/name: {{ include "velatura.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "velatura.labels" -}}
{{ include "velatura.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "velatura.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "velatura.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "velatura.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "velatura.podMetadata" -}}
labels:
  {{- include "velatura.labels" . | nindent 2 }}
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  {{- if not .root.Values.config.existingSecret }}
  checksum/config: {{ .root.Values.config.toml | sha256sum }}
  {{- end }}
  prometheus.io/scrape: "true"
  prometheus.io/port: {{ .port | quote }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* What every role's pod has in common. Takes a dict of root and values (the role's). */ -}}
{{- define "velatura.podSpec" -}}
serviceAccountName: {{ include "velatura.serviceAccountName" .root }}
automountServiceAccountToken: false
# Variables such as VELATURA_COORDINATOR_SERVICE_HOST would be taken for configuration, and refused.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    {{- if .root.Values.config.existingSecret }}
    secret: { secretName: {{ .root.Values.config.existingSecret | quote }} }
    {{- else }}
    configMap: { name: {{ include "velatura.fullname" .root }} }
    {{- end }}
{{- end -}}

{{- /* What every role's container has in common, but for its command and ports. */ -}}
{{- define "velatura.container" -}}
image: {{ include "velatura.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - { name: config, mountPath: /etc/velatura, readOnly: true }
resources:
  {{- toYaml .values.resources | nindent 2 }}
{{- end -}}

{{- /* Variables of every role; the chart's own come after, so that a duplicate is the chart's. */ -}}
{{- define "velatura.env" -}}
{{- with .Values.env }}
{{- toYaml . }}
{{ end -}}
- { name: VELATURA_CONFIG, value: /etc/velatura/velatura.toml }
{{- end -}}
