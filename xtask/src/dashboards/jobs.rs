use super::grafana::{Dashboard, Panel};

/// The way of jobs through the coordinator: accepted, found, dispatched, recorded. One job is shown by
/// `velatura jobs watch`: a series a job would never end.
pub(super) fn dashboard() -> Dashboard {
    Dashboard::new("velatura-jobs", "Velatura: jobs")
        .row(
            "Jobs",
            [
                Panel::now("Open jobs", "short", "Jobs that have not ended.").query("max(velatura_open_jobs)", "jobs"),
                Panel::now("Submitted", "short", "Jobs accepted within the range shown.")
                    .query("sum(increase(velatura_coordinator_jobs_submitted_total[$__range]))", "jobs"),
                Panel::now("Photos found", "short", "Photos listed and recorded within the range shown.")
                    .query("sum(increase(velatura_coordinator_photos_found_total[$__range]))", "photos"),
                Panel::now("Paused by the breaker", "short", "Jobs whose first photos failed too often, within the range shown.")
                    .query("sum(increase(velatura_coordinator_breaker_trips_total[$__range]))", "jobs"),
                Panel::now("Reclaimed", "short", "Tasks whose outcome never came, within the range shown.")
                    .query("sum(increase(velatura_coordinator_tasks_reclaimed_total[$__range]))", "tasks"),
                Panel::now("Window", "short", "The most tasks that may be in the broker and with workers.")
                    .query("max(velatura_coordinator_window_tasks)", "tasks"),
            ],
        )
        .row(
            "From submission to outcome",
            [
                Panel::over_time("Photos found", "ops", "Found by listing; dispatched to the broker; reported by workers.")
                    .query("sum(rate(velatura_coordinator_photos_found_total[$__rate_interval]))", "found")
                    .query("sum(rate(velatura_coordinator_tasks_dispatched_total[$__rate_interval]))", "dispatched")
                    .query("sum(rate(velatura_coordinator_reports_total[$__rate_interval]))", "reported"),
                Panel::over_time("The window", "short", "Dispatched tasks fill it while anything is pending.")
                    .query(r#"sum(velatura_coordinator_backlog_tasks{state="dispatched"})"#, "dispatched")
                    .query("max(velatura_coordinator_window_tasks)", "window"),
                Panel::over_time("Behind the workers", "s", "How long the reports in the broker will take at the present rate.").query(
                    r#"sum(velatura_queue_messages{queue="velatura.results.v1"}) / clamp_min(sum(rate(velatura_coordinator_reports_total[$__rate_interval])) or vector(0), 1)"#,
                    "lag",
                ),
            ],
        )
        .row(
            "The coordinator's loops",
            [
                Panel::over_time("A round, 99th percentile", "s", "A loop that slows down waits for the database or the broker.").query(
                    "histogram_quantile(0.99, sum by (le, loop) (rate(velatura_coordinator_loop_seconds_bucket[$__rate_interval])))",
                    "{{loop}}",
                ),
                Panel::over_time("Rounds that failed", "ops", "The ledger or the broker was away.")
                    .query("sum by (loop) (rate(velatura_coordinator_loop_failures_total[$__rate_interval]))", "{{loop}}"),
                Panel::over_time("Set-backs", "ops", "Listings that are tried again, tasks that the broker did not take.")
                    .query("sum(rate(velatura_coordinator_listing_failures_total[$__rate_interval]))", "listing")
                    .query("sum(rate(velatura_coordinator_publish_failures_total[$__rate_interval]))", "publishing"),
            ],
        )
        .row(
            "API",
            [
                Panel::over_time("REST", "ops", "Answers by status.")
                    .query("sum by (status) (rate(velatura_coordinator_http_requests_total[$__rate_interval]))", "{{status}}"),
                Panel::over_time("REST, 95th percentile", "s", "Until the answer begins.").query(
                    "histogram_quantile(0.95, sum by (le, route) (rate(velatura_coordinator_http_request_seconds_bucket[$__rate_interval])))",
                    "{{route}}",
                ),
                Panel::over_time("gRPC", "ops", "Calls by status code.")
                    .query("sum by (code) (rate(velatura_coordinator_grpc_requests_total[$__rate_interval]))", "{{code}}"),
            ],
        )
}
