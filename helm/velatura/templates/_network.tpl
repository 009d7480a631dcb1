{{- /* What a role may reach with restrictEgress: names, the release's own pods, and what the user lists. Takes a dict of root. */ -}}
{{- define "velatura.egress" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
- to:
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: {{ include "velatura.name" .root }}
          app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .root.Values.networkPolicy.egressTo }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* A NetworkPolicy but for its ingress. Takes a dict of root, component. */ -}}
{{- define "velatura.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "velatura.fullname" .root }}-{{ .component }}
  labels:
    {{- include "velatura.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "velatura.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress{{ if .root.Values.networkPolicy.restrictEgress }}, Egress{{ end }}]
  {{- if .root.Values.networkPolicy.restrictEgress }}
  egress:
    {{- include "velatura.egress" . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- /* Who reads metrics: every pod of the cluster, or who is named. Takes the root. */ -}}
{{- define "velatura.metricsFrom" -}}
{{- with .Values.networkPolicy.metricsFrom -}}
{{- toYaml . }}
{{- else -}}
- namespaceSelector: {}
{{- end -}}
{{- end -}}
