use std::future::Future;

use super::Caller;
use crate::error::ApiError;

/// Does something that changes something, and logs who did what to what, and how it ended: one line a change, under the
/// target `audit`. What was refused is logged too.
pub(crate) async fn audited<T>(
    caller: &Caller,
    action: &'static str,
    object: &str,
    change: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let result = change.await;
    let ending = result.as_ref().map_or_else(ApiError::code, |_| "ok");
    record(caller, action, object, ending);
    result
}

/// The line itself, for changes whose object has its name only afterwards.
pub(crate) fn record(caller: &Caller, action: &'static str, object: &str, result: &str) {
    let (who, tenant) = (&caller.name, &caller.tenant);
    tracing::info!(target: "audit", %who, %tenant, action, object, result, "a change was asked for");
}
