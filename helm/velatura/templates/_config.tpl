{{- /* A table as TOML: its plain keys, then its tables. JSON's scalars and lists are TOML's. Takes a dict of table and name. */ -}}
{{- define "velatura.toml" -}}
{{- range $key, $value := .table }}
{{- if not (kindIs "map" $value) }}
{{ $key }} = {{ mustToRawJson $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $name := list $.name $key | compact | join "." }}
{{- $plain := false }}
{{- range $value }}{{ if not (kindIs "map" .) }}{{ $plain = true }}{{ end }}{{ end }}
{{- if $plain }}

[{{ $name }}]
{{- end }}
{{- include "velatura.toml" (dict "table" $value "name" $name) }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Lays one table over another. Takes a list of both. */ -}}
{{- define "velatura.over" -}}
{{- mustMergeOverwrite (deepCopy (index . 0)) (deepCopy (index . 1)) | toYaml -}}
{{- end -}}

{{- /* velatura.toml of coordinators. What the chart decides goes over what is configured. Takes the root. */ -}}
{{- define "velatura.coordinatorConfig" -}}
{{- /* A quarter more than autoscalers ask for: within a tenth of its target the HorizontalPodAutoscaler does not move. */ -}}
{{- $window := max 1000 (divf (mulf 5 (include "velatura.windowOfPools" . | int)) 4 | ceil | int) -}}
{{- $given := default dict .Values.config.coordinator -}}
{{- $own := dict "coordinator" (dict
      "listen" "0.0.0.0:8080" "grpc_listen" "0.0.0.0:8081" "pool" .Values.queuePool
      "window_tasks" (default $window $given.window_tasks)
      "allow_unauthenticated_remote" (ne $given.access "keys")) -}}
{{- $tls := .Values.coordinator.tls -}}
{{- if $tls.existingSecret -}}
{{- $_ := set $own.coordinator "tls_certificate" (printf "%s/%s" (include "velatura.tlsFolder" .) $tls.keys.certificate) -}}
{{- $_ := set $own.coordinator "tls_key" (printf "%s/%s" (include "velatura.tlsFolder" .) $tls.keys.key) -}}
{{- end -}}
{{- $config := omit .Values.config "engine" "worker" "exporter" -}}
{{- include "velatura.toml" (dict "name" "" "table" (include "velatura.over" (list $config $own) | fromYaml)) | trim -}}
{{- end -}}

{{- /* velatura.toml of a pool's workers. Takes a dict of root and pool. */ -}}
{{- define "velatura.workerConfig" -}}
{{- /* A pack that was fetched by its place: by its name one in the image would be found first. */ -}}
{{- $pack := .pool.pack -}}
{{- if .pool.packSource.url }}{{ $pack = printf "%s/velatura/models/%s" (include "velatura.dataFolder" .) .pool.pack }}{{ end -}}
{{- $own := dict
      "engine" (dict "pack" $pack "device" .pool.device)
      "worker" (dict "listen" "0.0.0.0:8082" "pool" .root.Values.queuePool) -}}
{{- $config := omit .root.Values.config "coordinator" "exporter" "ledger" -}}
{{- $config = include "velatura.over" (list $config .pool.config) | fromYaml -}}
{{- include "velatura.toml" (dict "name" "" "table" (include "velatura.over" (list $config $own) | fromYaml)) | trim -}}
{{- end -}}

{{- /* velatura.toml of the exporter. Takes the root. */ -}}
{{- define "velatura.exporterConfig" -}}
{{- $fewest := 0 -}}{{- $most := 0 -}}
{{- range .Values.pools -}}
{{- $pool := include "velatura.pool" (dict "root" $ "pool" .) | fromYaml -}}
{{- $fewest = add $fewest (include "velatura.minReplicas" $pool | int) -}}
{{- $most = add $most (include "velatura.maxReplicas" $pool | int) -}}
{{- end -}}
{{- $own := dict "exporter" (dict
      "listen" "0.0.0.0:8083" "pool" .Values.queuePool
      "coordinator_url" (printf "%s://%s:%v/" (include "velatura.scheme" .) (include "velatura.coordinatorHost" .) .Values.coordinator.service.rest)
      "min_workers" $fewest "max_workers" $most) -}}
{{- $tls := .Values.coordinator.tls -}}
{{- if and $tls.existingSecret $tls.keys.ca -}}
{{- $_ := set $own.exporter "ca_file" (printf "%s/%s" (include "velatura.tlsFolder" .) $tls.keys.ca) -}}
{{- end -}}
{{- $config := omit .Values.config "engine" "objects" "ledger" "coordinator" "worker" -}}
{{- include "velatura.toml" (dict "name" "" "table" (include "velatura.over" (list $config $own) | fromYaml)) | trim -}}
{{- end -}}
