{{- define "velatura.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* The release's name once, also when it is called like the chart. Short enough for a pool's name behind it. */ -}}
{{- define "velatura.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "velatura.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "velatura.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What never changes of an object: its selector. Takes a dict of root, component and, for workers, pool. */ -}}
{{- define "velatura.selectorLabels" -}}
app.kubernetes.io/name: {{ include "velatura.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
velatura/pool: {{ .name }}
{{- end }}
{{- end -}}

{{- /* Takes the same dict. */ -}}
{{- define "velatura.labels" -}}
{{ include "velatura.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* Takes a dict of root, component and the role's values. */ -}}
{{- define "velatura.serviceAccountName" -}}
{{- if .values.serviceAccount.create -}}
{{- default (printf "%s-%s" (include "velatura.fullname" .root) .component) .values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* The image of a role; a pool may have its own, and one on a GPU has the cuda image. Takes a dict of root and perhaps pool. */ -}}
{{- define "velatura.image" -}}
{{- $all := .root.Values.image -}}
{{- $tag := default .root.Chart.AppVersion $all.tag -}}
{{- $image := dict "repository" $all.repository "tag" $tag "digest" $all.digest -}}
{{- if .pool -}}
{{- if ne .pool.device "cpu" -}}
{{- $image = dict "repository" $all.repository "tag" (default (printf "%s-cuda" $tag) $all.cudaTag) "digest" $all.cudaDigest -}}
{{- end -}}
{{- $own := .pool.image -}}
{{- if or $own.tag $own.digest -}}
{{- $image = dict "repository" $image.repository "tag" (default "" $own.tag) "digest" (default "" $own.digest) -}}
{{- end -}}
{{- $_ := set $image "repository" (default $image.repository $own.repository) -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository $image.tag -}}
{{- end -}}
{{- end -}}
