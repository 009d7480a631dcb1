use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt as _};

use super::error::ErrorBody;
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;

/// Proxies cut connections that say nothing for half a minute or so.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `job` events, each the whole job as JSON, until it has ended; an `error` event when it can no longer be told.
///
/// Every stream begins with the job as it is, so that a client that comes back has missed nothing, whatever its
/// `Last-Event-ID` says.
pub(super) async fn of_job(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let events = jobs.watch(&caller, &id).await?.enumerate().map(|(number, job)| {
        let event = Event::default().id(number.to_string());
        let event = match job {
            Ok(job) => event.event("job").json_data(job),
            Err(error) => event.event("error").json_data(ErrorBody::from(&error)),
        };
        Ok(event.expect("a generated message is JSON on one line"))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}
