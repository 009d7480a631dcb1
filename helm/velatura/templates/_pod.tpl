{{- /* Metadata of a role's pods. The checksum makes them anew when their configuration changes. Takes a dict of root, component,
config (the text of velatura.toml) and, for workers, pool. */ -}}
{{- define "velatura.podMetadata" -}}
labels:
  {{- include "velatura.labels" . | nindent 2 }}
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .pool }}{{ with .podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}{{ end }}
annotations:
  checksum/config: {{ .config | sha256sum }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .pool }}{{ with .podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}{{ end }}
{{- end -}}

{{- /* What every role's pod has in common: who it is, where it may run, and what it may not. Takes a dict of root, component, values
(the role's or the pool's) and account (the values with the serviceAccount). */ -}}
{{- define "velatura.podSpec" -}}
serviceAccountName: {{ include "velatura.serviceAccountName" (dict "root" .root "component" .component "values" .account) }}
# Nobody here talks to Kubernetes.
automountServiceAccountToken: false
# Variables such as VELATURA_COORDINATOR_SERVICE_HOST are not configuration.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "velatura.podSecurity" 10001 | nindent 2 }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
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
{{- end -}}

{{- /* Pod Security `restricted`, for a pod and for a container. The first takes the user's id. */ -}}
{{- define "velatura.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}
{{- define "velatura.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* Pods of one selector apart from each other as far as it goes. Takes a dict of root, component and perhaps pool. */ -}}
{{- define "velatura.spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "velatura.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end -}}

{{- /* The files of a role: its configuration, Secrets of the user's, and a place for temporary ones. Take a dict of root and config
(the ConfigMap's name). */ -}}
{{- define "velatura.volumes" -}}
- name: config
  configMap: { name: {{ .config }} }
- name: tmp
  emptyDir: {}
{{- range .root.Values.secretMounts }}
- name: secret-{{ . }}
  secret: { secretName: {{ . }} }
{{- end }}
{{- end -}}
{{- define "velatura.volumeMounts" -}}
- { name: config, mountPath: /etc/velatura, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- range .Values.secretMounts }}
- { name: secret-{{ . }}, mountPath: /var/run/secrets/velatura/{{ . }}, readOnly: true }
{{- end }}
{{- end -}}

{{- /* A container of the program, but for its name, words, ports and probes. Takes a dict of root, perhaps pool, and values (with
resources). */ -}}
{{- define "velatura.container" -}}
image: {{ include "velatura.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- include "velatura.containerSecurity" . | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  {{- include "velatura.resources" . | nindent 2 }}
{{- end -}}

{{- /* Resources with a pool's GPUs. */ -}}
{{- define "velatura.resources" -}}
{{- $resources := deepCopy .values.resources -}}
{{- if .pool -}}
{{- if .pool.gpu.resource -}}
{{- $limits := merge (dict .pool.gpu.resource (.pool.gpu.count | toString)) (default dict $resources.limits) -}}
{{- $_ := set $resources "limits" $limits -}}
{{- end -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{- /* Asked by the kubelet: whether it has started, is to be left running, and can do its work. Takes a dict of port, startup
(seconds) and perhaps scheme and condition: the one of /readyz that must hold; without it all must. */ -}}
{{- define "velatura.probes" -}}
{{- $scheme := "" -}}
{{- if eq (default "http" .scheme) "https" }}{{ $scheme = ", scheme: HTTPS" }}{{ end -}}
{{- $ready := list "/readyz" .condition | compact | join "/" -}}
startupProbe:
  httpGet: { path: /healthz, port: {{ .port }}{{ $scheme }} }
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: {{ div (add (int .startup) 1) 2 }}
livenessProbe:
  httpGet: { path: /healthz, port: {{ .port }}{{ $scheme }} }
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
readinessProbe:
  httpGet: { path: {{ $ready }}, port: {{ .port }}{{ $scheme }} }
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}
