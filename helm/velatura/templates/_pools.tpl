{{- /* A pool with everything it has: its own values over `poolDefaults`. Takes a dict of root and pool; gives YAML. */ -}}
{{- define "velatura.pool" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.poolDefaults) (deepCopy .pool) | toYaml -}}
{{- end -}}

{{- /* A pool's name among the objects. Takes a dict of root and pool. */ -}}
{{- define "velatura.poolName" -}}
{{- printf "%s-worker-%s" (include "velatura.fullname" .root) .pool.name -}}
{{- end -}}

{{- /* Where a fetched pack lies: the program's data folder. */ -}}
{{- define "velatura.dataFolder" -}}/var/lib/velatura{{- end -}}

{{- /* The section [worker] that holds for a pool: its own over the chart's. Takes a dict of root and pool; gives YAML. */ -}}
{{- define "velatura.poolWorkerConfig" -}}
{{- mustMergeOverwrite (deepCopy (default dict .root.Values.config.worker)) (deepCopy (default dict .pool.config.worker)) | toYaml -}}
{{- end -}}

{{- /* The most and the fewest workers a pool comes to. Take a pool. */ -}}
{{- define "velatura.maxReplicas" -}}
{{- if .keda.enabled }}{{ .keda.maxReplicas }}{{ else if .hpa.enabled }}{{ .hpa.maxReplicas }}{{ else }}{{ .replicas }}{{ end -}}
{{- end -}}
{{- define "velatura.minReplicas" -}}
{{- if .keda.enabled }}{{ .keda.minReplicas }}{{ else if .hpa.enabled }}{{ .hpa.minReplicas }}{{ else }}{{ .replicas }}{{ end -}}
{{- end -}}

{{- /* Tasks that a pool at its largest wants in the broker: as many as its autoscaler must see, or its workers hold. A window that
is smaller would hide backlog from the autoscaler. Takes a dict of root and pool. */ -}}
{{- define "velatura.windowOfPool" -}}
{{- $worker := include "velatura.poolWorkerConfig" . | fromYaml -}}
{{- $each := int $worker.in_flight -}}
{{- if and .pool.keda.enabled (eq .pool.keda.trigger "queue") -}}
{{- $each = max $each (int .pool.keda.tasksPerReplica) -}}
{{- end -}}
{{- mul (include "velatura.maxReplicas" .pool | int) $each -}}
{{- end -}}

{{- /* The same for all pools together. Takes the root. */ -}}
{{- define "velatura.windowOfPools" -}}
{{- $sum := 0 -}}
{{- range .Values.pools -}}
{{- $pool := include "velatura.pool" (dict "root" $ "pool" .) | fromYaml -}}
{{- $sum = add $sum (include "velatura.windowOfPool" (dict "root" $ "pool" $pool) | int) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}
