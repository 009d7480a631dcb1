{{- define "velatura.checkServers" -}}
{{- if .Values.tryout.enabled -}}
{{- if or .Values.broker.existingSecret .Values.ledger.existingSecret -}}
{{- fail "tryout.enabled brings a RabbitMQ and a PostgreSQL, but broker.existingSecret or ledger.existingSecret names yours: set tryout.enabled=false, or leave both Secrets empty" -}}
{{- end -}}
{{- else -}}
{{- if not .Values.broker.existingSecret -}}
{{- fail "broker.existingSecret is empty: name the Secret with the broker's addresses, or set tryout.enabled=true to try things out" -}}
{{- end -}}
{{- if not .Values.ledger.existingSecret -}}
{{- fail "ledger.existingSecret is empty: name the Secret with the ledger's address, or set tryout.enabled=true to try things out" -}}
{{- end -}}
{{- end -}}
{{- if ne (empty .Values.broker.keys.username) (empty .Values.broker.keys.password) -}}
{{- fail "of broker.keys.username and broker.keys.password only one is set: set both, or leave both empty where the management URL has them" -}}
{{- end -}}
{{- end -}}

{{- define "velatura.checkCoordinator" -}}
{{- $coordinator := .Values.coordinator -}}
{{- $config := .Values.config.coordinator -}}
{{- $least := add 5 (ceil $config.grace_seconds | int) -}}
{{- if le (int $coordinator.terminationGracePeriodSeconds) (int $least) -}}
{{- fail (printf "coordinator.terminationGracePeriodSeconds is %v: set it above %v, which is config.coordinator.grace_seconds and the 5 seconds for which a pod that goes still answers" $coordinator.terminationGracePeriodSeconds $least) -}}
{{- end -}}
{{- if le (float64 $config.lease_seconds) (float64 .Values.config.worker.attempt_timeout_seconds) -}}
{{- fail (printf "config.coordinator.lease_seconds is %v: set it above config.worker.attempt_timeout_seconds, %v, or tasks that are still painted are dispatched again" $config.lease_seconds .Values.config.worker.attempt_timeout_seconds) -}}
{{- end -}}
{{- if and (eq $config.access "keys") .Values.exporter.enabled (not .Values.exporter.existingSecret) -}}
{{- fail "exporter.existingSecret is empty while config.coordinator.access is keys: name the Secret with a key that `velatura keys create --role monitor` made, or set exporter.enabled=false" -}}
{{- end -}}
{{- if and $coordinator.ingress.enabled (ne $config.access "keys") -}}
{{- fail (printf "coordinator.ingress.enabled is true while config.coordinator.access is %s, and whoever reaches it might do everything: set config.coordinator.access=keys" $config.access) -}}
{{- end -}}
{{- if and $coordinator.ingress.enabled (not $coordinator.ingress.hosts) -}}
{{- fail "coordinator.ingress.hosts is empty while coordinator.ingress.enabled: list the names under which the coordinator is reached" -}}
{{- end -}}
{{- end -}}

{{- define "velatura.checkMonitoring" -}}
{{- if and .Values.monitoring.monitors .Values.networkPolicy.enabled (not .Values.networkPolicy.metricsFrom) -}}
{{- fail "networkPolicy.metricsFrom is empty while monitoring.monitors is true, and Prometheus would not reach the coordinators: name Prometheus' pods or namespace in networkPolicy.metricsFrom, or set networkPolicy.enabled=false" -}}
{{- end -}}
{{- if and .Values.networkPolicy.restrictEgress (not .Values.networkPolicy.egressTo) (not .Values.tryout.enabled) -}}
{{- fail "networkPolicy.egressTo is empty while networkPolicy.restrictEgress is true, and nobody would reach broker, database and storage: list them in networkPolicy.egressTo" -}}
{{- end -}}
{{- end -}}

{{- /* Takes a dict of root and pool, as do those below. */ -}}
{{- define "velatura.checkPool" -}}
{{- $pool := .pool -}}
{{- $worker := include "velatura.poolWorkerConfig" . | fromYaml -}}
{{- if ne (empty $pool.packSource.url) (empty $pool.packSource.sha256) -}}
{{- fail (printf "of packSource.url and packSource.sha256 of pool %s only one is set: set both, so that all workers paint with the same pack, or neither for a pack in the image" $pool.name) -}}
{{- end -}}
{{- if and (ne $pool.device "cpu") (not $pool.gpu.resource) -}}
{{- fail (printf "pool %s has device %s but no gpu.resource: name the resource by which its nodes offer GPUs, such as nvidia.com/gpu, or set device=cpu" $pool.name $pool.device) -}}
{{- end -}}
{{- if and (eq $pool.device "cpu") $pool.gpu.resource -}}
{{- fail (printf "pool %s has gpu.resource %s but device cpu, and would hold GPUs without using them: set device=cuda, or leave gpu.resource empty" $pool.name $pool.gpu.resource) -}}
{{- end -}}
{{- if le (int $pool.terminationGracePeriodSeconds) (ceil $worker.drain_seconds | int) -}}
{{- fail (printf "terminationGracePeriodSeconds of pool %s is %v: set it above worker.drain_seconds, %v, or what is under way is lost and painted again" $pool.name $pool.terminationGracePeriodSeconds $worker.drain_seconds) -}}
{{- end -}}
{{- if and (eq (toString $pool.rollingUpdate.maxSurge) "0") (eq (toString $pool.rollingUpdate.maxUnavailable) "0") -}}
{{- fail (printf "rollingUpdate.maxSurge and rollingUpdate.maxUnavailable of pool %s are both 0, and no update could go on: set one of them to 1" $pool.name) -}}
{{- end -}}
{{- end -}}

{{- define "velatura.checkScaling" -}}
{{- $pool := .pool -}}
{{- if and $pool.keda.enabled $pool.hpa.enabled -}}
{{- fail (printf "pool %s has keda.enabled and hpa.enabled, and two autoscalers would fight over it: set one of them to false" $pool.name) -}}
{{- end -}}
{{- range $kind := list "keda" "hpa" -}}
{{- $bounds := get $pool $kind -}}
{{- if and $bounds.enabled (gt (int $bounds.minReplicas) (int $bounds.maxReplicas)) -}}
{{- fail (printf "%s.minReplicas of pool %s is %v: set it to at most %s.maxReplicas, %v" $kind $pool.name $bounds.minReplicas $kind $bounds.maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- if $pool.keda.enabled -}}
{{- if and (eq $pool.keda.trigger "queue") (not .root.Values.broker.keys.managementUrl) -}}
{{- fail (printf "broker.keys.managementUrl is empty, but KEDA asks the broker's management API how many tasks wait for pool %s: name the key of the broker's Secret that holds its URL, or set keda.trigger=drainTime" $pool.name) -}}
{{- end -}}
{{- if and (eq $pool.keda.trigger "drainTime") (not .root.Values.exporter.enabled) -}}
{{- fail (printf "exporter.enabled is false, but keda.trigger=drainTime of pool %s asks it how many workers are wanted: set exporter.enabled=true, or keda.trigger=queue" $pool.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Takes the root. */ -}}
{{- define "velatura.checkWindow" -}}
{{- $window := .Values.config.coordinator.window_tasks -}}
{{- $least := include "velatura.windowOfPools" . -}}
{{- if $window -}}
{{- if lt (int $window) (int $least) -}}
{{- fail (printf "config.coordinator.window_tasks is %v, and would hide backlog from the autoscalers: set it to at least %s, which is each pool's maxReplicas times the tasks a worker is to have, or leave it out" $window $least) -}}
{{- end -}}
{{- end -}}
{{- end -}}
