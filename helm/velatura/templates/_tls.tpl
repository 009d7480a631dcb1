{{- /* Where Pods find certificates. */ -}}
{{- define "velatura.tlsFolder" -}}/var/run/secrets/velatura-tls{{- end -}}

{{- /* `http` or `https`, as coordinators serve. Takes the root. */ -}}
{{- define "velatura.scheme" -}}
{{- if .Values.coordinator.tls.existingSecret }}https{{ else }}http{{ end -}}
{{- end -}}

{{- /* The name by which Pods call the coordinators' Service, and which their certificate bears. Takes the root. */ -}}
{{- define "velatura.coordinatorHost" -}}
{{- printf "%s-coordinator.%s.svc" (include "velatura.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- /* The coordinators' certificate as a volume of a Pod, and nothing else of the Secret: `keys` of coordinator.tls.keys. The exporter
sees no private key. Take a dict of root and keys; nothing where there is no TLS. */ -}}
{{- define "velatura.tlsVolume" -}}
{{- $tls := .root.Values.coordinator.tls -}}
{{- $keys := list -}}
{{- range .keys }}{{ $keys = append $keys (get $tls.keys .) }}{{ end -}}
{{- $keys = compact $keys -}}
{{- if and $tls.existingSecret $keys }}
- name: tls
  secret:
    secretName: {{ $tls.existingSecret }}
    items:
      {{- range $keys }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}
{{- end -}}
{{- define "velatura.tlsMount" -}}
{{- if include "velatura.tlsVolume" . }}
- { name: tls, mountPath: {{ include "velatura.tlsFolder" . }}, readOnly: true }
{{- end }}
{{- end -}}
