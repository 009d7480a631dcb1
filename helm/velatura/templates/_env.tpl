{{- /* A variable from a Secret. Takes a list of variable, Secret and key. */ -}}
{{- define "velatura.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom: { secretKeyRef: { name: {{ index . 1 }}, key: {{ index . 2 }} } }
{{- end -}}

{{- /* Names of the Secrets with addresses: the user's, or the one of the try-out. Take the root. */ -}}
{{- define "velatura.brokerSecret" -}}
{{- default (printf "%s-tryout" (include "velatura.fullname" .)) .Values.broker.existingSecret -}}
{{- end -}}
{{- define "velatura.ledgerSecret" -}}
{{- default (printf "%s-tryout" (include "velatura.fullname" .)) .Values.ledger.existingSecret -}}
{{- end -}}

{{- /* Variables of a role: the user's, then what comes from Secrets, so that of two with one name the chart's counts. Takes a dict of
root and needs (a list of broker, ledger, objects, key). */ -}}
{{- define "velatura.env" -}}
{{- $values := .root.Values -}}
{{- with $values.env }}
{{- toYaml . }}
{{ end -}}
- { name: VELATURA_CONFIG, value: /etc/velatura/velatura.toml }
{{- if has "broker" .needs }}
{{- $secret := include "velatura.brokerSecret" .root }}
{{ include "velatura.fromSecret" (list "VELATURA_QUEUE__URLS" $secret $values.broker.keys.urls) }}
{{- with $values.broker.keys.managementUrl }}
{{ include "velatura.fromSecret" (list "VELATURA_QUEUE__MANAGEMENT_URL" $secret .) }}
{{- end }}
{{- end }}
{{- if has "ledger" .needs }}
{{ include "velatura.fromSecret" (list "VELATURA_LEDGER__URL" (include "velatura.ledgerSecret" .root) $values.ledger.key) }}
{{- end }}
{{- if and (has "key" .needs) $values.exporter.existingSecret }}
{{ include "velatura.fromSecret" (list "VELATURA_EXPORTER__API_KEY" $values.exporter.existingSecret $values.exporter.key) }}
{{- end }}
{{- if and (has "objects" .needs) $values.objects.existingSecret }}
{{- $secret := $values.objects.existingSecret }}
{{ include "velatura.fromSecret" (list "VELATURA_OBJECTS__S3__ACCESS_KEY_ID" $secret $values.objects.keys.accessKeyId) }}
{{ include "velatura.fromSecret" (list "VELATURA_OBJECTS__S3__SECRET_ACCESS_KEY" $secret $values.objects.keys.secretAccessKey) }}
{{- end }}
{{- end -}}
