{{- /* What the two servers of the try-out have in common, but for their containers. Takes a dict of root and component. */ -}}
{{- define "velatura.tryoutDeployment" -}}
# For evaluation only: one server from its official image, whose data goes with the pod.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "velatura.fullname" .root }}-{{ .component }}
  labels:
    {{- include "velatura.labels" . | nindent 4 }}
spec:
  replicas: 1
  strategy: { type: Recreate }
  selector:
    matchLabels:
      {{- include "velatura.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "velatura.labels" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        {{- include "velatura.podSecurity" 999 | nindent 8 }}
{{- end -}}

{{- /* Takes a dict of root, component and ports, by name. */ -}}
{{- define "velatura.tryoutService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "velatura.fullname" .root }}-{{ .component }}
  labels:
    {{- include "velatura.labels" . | nindent 4 }}
spec:
  selector:
    {{- include "velatura.selectorLabels" . | nindent 4 }}
  ports:
    {{- range $name, $port := .ports }}
    - { name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }} }
    {{- end }}
{{- end -}}

{{- /* Listens, within a minute. Takes a port's name. */ -}}
{{- define "velatura.tryoutProbes" -}}
startupProbe:
  tcpSocket: { port: {{ . }} }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  tcpSocket: { port: {{ . }} }
  periodSeconds: 15
readinessProbe:
  tcpSocket: { port: {{ . }} }
  periodSeconds: 5
{{- end -}}
