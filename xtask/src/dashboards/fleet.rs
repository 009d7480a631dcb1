use super::grafana::{Dashboard, Panel};

/// What an operator looks at first: what waits, who works, how long it takes, and what is wrong.
pub(super) fn dashboard() -> Dashboard {
    Dashboard::new("velatura-fleet", "Velatura: fleet")
        .row(
            "Now",
            [
                Panel::now("Photos that wait", "short", "Tasks that have not ended, in the ledger and in the broker.")
                    .query("sum(velatura_backlog_tasks)", "photos"),
                Panel::now("Photos a second", "ops", "Tasks that ended, over the last minute.")
                    .query("sum(velatura_tasks_ended_per_second)", "photos/s"),
                Panel::now("Drained in", "s", "At the present rate, or that of one worker when nobody works.")
                    .query("max(velatura_drain_seconds)", "drain"),
                Panel::now("Oldest photo", "s", "Age of the oldest task that has not ended.")
                    .query("max(velatura_oldest_task_age_seconds)", "age"),
                Panel::now("Workers ready", "short", "Subscribed, storage answers, not draining.").query(
                    r#"count(min by (instance) (velatura_ready{condition=~"queue|storage|taking"}) == 1) or vector(0)"#,
                    "ready",
                ),
                Panel::now("Not ready", "short", "Conditions of /readyz that do not hold, over all processes.")
                    .query("count(velatura_ready == 0) or vector(0)", "conditions"),
            ],
        )
        .row(
            "Scaling",
            [
                Panel::over_time("Workers", "short", "Wanted by the exporter within its bounds, and ready.")
                    .query("max(velatura_workers_wanted)", "wanted")
                    .query(
                        r#"count(min by (instance) (velatura_ready{condition=~"queue|storage|taking"}) == 1) or vector(0)"#,
                        "ready",
                    ),
                Panel::over_time("Backlog", "short", "Pending lies in the ledger, dispatched in the broker or with workers.")
                    .query("sum by (state) (velatura_backlog_tasks)", "{{state}}")
                    .stacked(),
                Panel::over_time("Drain time", "s", "When the backlog will be worked off, and when it should be.")
                    .query("max(velatura_drain_seconds)", "estimate")
                    .query("max(velatura_drain_target_seconds)", "target"),
            ],
        )
        .row(
            "Outcomes",
            [
                Panel::over_time("Attempts that ended", "ops", "As the coordinator recorded them.")
                    .query("sum by (outcome) (rate(velatura_coordinator_reports_total[$__rate_interval]))", "{{outcome}}")
                    .stacked(),
                Panel::over_time("Share of failures", "percentunit", "Of the photos that ended.").query(
                    r#"sum(rate(velatura_coordinator_reports_total{outcome="failed"}[$__rate_interval])) / sum(rate(velatura_coordinator_reports_total{outcome=~"done|skipped|failed"}[$__rate_interval]))"#,
                    "failed",
                ),
                Panel::over_time("Faults by code", "ops", "What went wrong with attempts, as workers say.")
                    .query("sum by (code) (rate(velatura_worker_faults_total[$__rate_interval]))", "{{code}}"),
            ],
        )
        .row(
            "Broker",
            [
                Panel::over_time("Messages", "short", "Ready for a consumer, or unacked with one.")
                    .query("sum by (queue, state) (velatura_queue_messages)", "{{queue}} {{state}}"),
                Panel::over_time("Alarms", "short", "Nodes that run out of it; while there are any, nothing can be published.")
                    .query("sum by (resource) (velatura_broker_alarms)", "{{resource}}"),
                Panel::over_time("Dead letters", "short", "Messages that came to the dead queue, in an hour.")
                    .query("sum by (kind) (increase(velatura_coordinator_dead_letters_total[1h]))", "{{kind}}"),
            ],
        )
        .row(
            "What does not hold",
            [
                Panel::over_time("Conditions that fail", "short", "By name: ledger, broker, results, queue, storage, taking, polled.")
                    .query("count by (condition) (velatura_ready == 0)", "{{condition}}"),
                Panel::over_time("Leading coordinators", "short", "One, but for the seconds in which another takes over.")
                    .query("sum(velatura_coordinator_leader)", "leaders"),
                Panel::over_time("Sources of the exporter", "short", "1 while it answers; with 0 its figures are missing.")
                    .query("min by (source) (velatura_exporter_up)", "{{source}}"),
            ],
        )
}
