use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::jobs::Jobs;

/// Counts every request under its route, not its path, so that ids make no series.
pub(super) async fn request(State(jobs): State<Jobs>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let begun = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let metrics = &jobs.context().metrics;
    metrics
        .http_requests_total
        .with_label_values(&[known(method.as_str()), route, response.status().as_str()])
        .inc();
    metrics
        .http_request_seconds
        .with_label_values(&[route])
        .observe(begun.elapsed().as_secs_f64());
    response
}

/// Anyone can make up a method; it makes no series.
fn known(method: &str) -> &str {
    match method {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => method,
        _ => "other",
    }
}
