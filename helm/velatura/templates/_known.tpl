{{- /* Refuses a key that the chart does not know: it would change nothing, and nobody would notice. Takes a dict of values, known (the
keys there may be, `files/known-values.json`), path, and instead (what decides keys of `config` that are not the user's). */ -}}
{{- define "velatura.checkKnown" -}}
{{- range $key, $value := .values -}}
{{- $path := list $.path $key | compact | join "." -}}
{{- if not (hasKey $.known $key) -}}
{{- include "velatura.refuseUnknown" (merge (dict "path" $path) $) -}}
{{- end -}}
{{- $known := get $.known $key -}}
{{- if and (kindIs "map" $known) (kindIs "map" $value) -}}
{{- include "velatura.checkKnown" (dict "values" $value "known" $known "path" $path "instead" $.instead) -}}
{{- else if and (kindIs "slice" $known) (kindIs "slice" $value) -}}
{{- range $index, $item := $value -}}
{{- $place := printf "%s[%d]" $path $index -}}
{{- include "velatura.checkKnown" (dict "values" $item "known" (index $known 0) "path" $place "instead" $.instead) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Takes the same dict, with the path of the key. */ -}}
{{- define "velatura.refuseUnknown" -}}
{{- $path := .path -}}
{{- range $key, $instead := .instead -}}
{{- if or (hasSuffix (printf "config.%s" $key) $path) (hasPrefix (printf "%s." (regexReplaceAll "^.*config\\." $path "")) $key) -}}
{{- if $instead -}}
{{- fail (printf "%s is decided by the chart: leave it out, and set %s" $path $instead) -}}
{{- end -}}
{{- fail (printf "%s is decided by the chart: leave it out" $path) -}}
{{- end -}}
{{- end -}}
{{- fail (printf "%s is not a value of this chart: leave it out, or correct it to one of %s" $path (keys .known | sortAlpha | join ", ")) -}}
{{- end -}}
