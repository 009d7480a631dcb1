use super::grafana::{Dashboard, Panel};

/// One worker or several: where their time goes, and what bounds them.
pub(super) fn dashboard() -> Dashboard {
    Dashboard::new("velatura-worker", "Velatura: worker")
        .instances_of("velatura_worker_in_flight")
        .row(
            "What they do",
            [
                Panel::over_time("Attempts", "ops", "By how they ended.")
                    .query(
                        r#"sum by (outcome) (rate(velatura_worker_attempts_total{instance=~"$instance"}[$__rate_interval]))"#,
                        "{{outcome}}",
                    )
                    .stacked(),
                Panel::over_time("Pictures", "ops", "Stored; a photo has one a recipe.").query(
                    r#"sum by (instance) (rate(velatura_worker_pictures_total{instance=~"$instance"}[$__rate_interval]))"#,
                    "{{instance}}",
                ),
                Panel::over_time("In flight", "short", "Photos that a worker holds: at most worker.in_flight.")
                    .query(r#"velatura_worker_in_flight{instance=~"$instance"}"#, "{{instance}}"),
            ],
        )
        .row(
            "Where the time goes",
            [
                Panel::over_time("Busy share of the stages", "percentunit", "The stage that is always busy bounds the others.").query(
                    r#"avg by (stage) (avg_over_time(velatura_worker_stage_busy{instance=~"$instance"}[$__rate_interval]) / velatura_worker_stage_width{instance=~"$instance"})"#,
                    "{{stage}}",
                ),
                Panel::over_time("A stage takes, mean", "s", "Waiting left out.").query(
                    r#"sum by (stage) (rate(velatura_worker_stage_seconds_sum{instance=~"$instance"}[$__rate_interval])) / sum by (stage) (rate(velatura_worker_stage_seconds_count{instance=~"$instance"}[$__rate_interval]))"#,
                    "{{stage}}",
                ),
                Panel::over_time("Wait before a stage, mean", "s", "Grows before the stage that bounds.").query(
                    r#"sum by (stage) (rate(velatura_worker_stage_wait_seconds_sum{instance=~"$instance"}[$__rate_interval])) / sum by (stage) (rate(velatura_worker_stage_wait_seconds_count{instance=~"$instance"}[$__rate_interval]))"#,
                    "{{stage}}",
                ),
            ],
        )
        .row(
            "What they use",
            [
                Panel::over_time("Decoded pixels in memory", "short", "At most worker.pipeline.budget_pixels, or one photo that is larger.")
                    .query(r#"velatura_worker_decoded_pixels{instance=~"$instance"}"#, "{{instance}}"),
                Panel::over_time("Storage", "Bps", "Photos fetched, pictures stored.")
                    .query(r#"sum(rate(velatura_worker_fetched_bytes_total{instance=~"$instance"}[$__rate_interval]))"#, "fetched")
                    .query(r#"sum(rate(velatura_worker_stored_bytes_total{instance=~"$instance"}[$__rate_interval]))"#, "stored"),
                Panel::over_time("Devices", "short", "Workers by the device asked for and the provider that really paints.").query(
                    r#"count by (device, provider, pack) (velatura_worker_provider_info{instance=~"$instance"} == 1)"#,
                    "asked {{device}}, runs {{provider}}: {{pack}}",
                ),
            ],
        )
        .row(
            "What is wrong",
            [
                Panel::over_time("Faults by code", "ops", "Their meaning is in the worker's log and the job's report.")
                    .query(
                        r#"sum by (code) (rate(velatura_worker_faults_total{instance=~"$instance"}[$__rate_interval]))"#,
                        "{{code}}",
                    )
                    .wide(12),
                Panel::over_time("Conditions", "short", "1 while it holds.")
                    .query(r#"velatura_ready{condition=~"queue|storage|taking", instance=~"$instance"}"#, "{{instance}} {{condition}}")
                    .wide(12),
            ],
        )
}
